using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Sgd = Provide<SgdUpdate>((b, operation) => new SgdUpdateKernel(b, operation));
}

internal sealed class SgdUpdateKernel(ManagedBackend backend, SgdUpdate operation)
    : ManagedKernel<SgdUpdate>(backend, operation)
{
    // v ← μv + (g + λw); w ← w − ηv, or Nesterov's w ← w − η((g + λw) + μv); without a velocity μ is 0
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        double learningRate = scalars[0];
        double momentum = scalars[1];
        double weightDecay = scalars[2];
        ReadOnlySpan<T> g = Elements<T>(operands[0]);
        Span<T> v = Operation.HasMomentum ? Elements<T>(operands[1]) : default;
        Span<T> w = Elements<T>(operands[^1]);
        for (int k = 0; k < w.Length; k++)
        {
            double gradient = Wide(g[k]) + weightDecay * Wide(w[k]);
            double step = gradient;
            if (!v.IsEmpty)
            {
                double velocity = momentum * Wide(v[k]) + gradient;
                v[k] = Round<T>(velocity);
                step = Operation.IsNesterov ? gradient + momentum * velocity : velocity;
            }
            w[k] = Round<T>(Wide(w[k]) - learningRate * step);
        }
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool RmsProp = Provide<RmsPropUpdate>(
        (b, operation) => new RmsPropUpdateKernel(b, operation)
    );
}

internal sealed class RmsPropUpdateKernel(ManagedBackend backend, RmsPropUpdate operation)
    : ManagedKernel<RmsPropUpdate>(backend, operation)
{
    // g' = g + λw; s ← αs + (1 − α)g'²; v ← μv + g' / (√s + ε); w ← w − ηv; without a velocity μ is 0
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        double learningRate = scalars[0];
        double smoothing = scalars[1];
        double epsilon = scalars[2];
        double momentum = scalars[3];
        double weightDecay = scalars[4];
        ReadOnlySpan<T> g = Elements<T>(operands[0]);
        Span<T> v = Operation.HasMomentum ? Elements<T>(operands[1]) : default;
        Span<T> s = Elements<T>(operands[^2]);
        Span<T> w = Elements<T>(operands[^1]);
        for (int k = 0; k < w.Length; k++)
        {
            double gradient = Wide(g[k]) + weightDecay * Wide(w[k]);
            double square = smoothing * Wide(s[k]) + (1 - smoothing) * gradient * gradient;
            s[k] = Round<T>(square);
            double step = gradient / (Math.Sqrt(square) + epsilon);
            if (!v.IsEmpty)
            {
                step += momentum * Wide(v[k]);
                v[k] = Round<T>(step);
            }
            w[k] = Round<T>(Wide(w[k]) - learningRate * step);
        }
    }
}

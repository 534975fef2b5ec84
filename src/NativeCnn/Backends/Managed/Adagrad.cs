using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Adagrad = Provide<AdagradUpdate>(
        (b, operation) => new AdagradUpdateKernel(b, operation)
    );
}

internal sealed class AdagradUpdateKernel(ManagedBackend backend, AdagradUpdate operation)
    : ManagedKernel<AdagradUpdate>(backend, operation)
{
    // g' = g + λw; s ← s + g'²; w ← w − η g' / (√s + ε)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        double learningRate = scalars[0];
        double epsilon = scalars[1];
        double weightDecay = scalars[2];
        ReadOnlySpan<T> g = Elements<T>(operands[0]);
        Span<T> s = Elements<T>(operands[1]);
        Span<T> w = Elements<T>(operands[2]);
        for (int k = 0; k < w.Length; k++)
        {
            double gradient = Wide(g[k]) + weightDecay * Wide(w[k]);
            double sum = Wide(s[k]) + gradient * gradient;
            s[k] = Round<T>(sum);
            w[k] = Round<T>(Wide(w[k]) - learningRate * gradient / (Math.Sqrt(sum) + epsilon));
        }
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool BatchNormFolding = Provide<BatchNormFolding>(
        (b, operation) => new BatchNormFoldingKernel(b, operation)
    );
}

internal sealed class BatchNormFoldingKernel(ManagedBackend backend, BatchNormFolding operation)
    : ManagedKernel<BatchNormFolding>(backend, operation)
{
    // s = γ / √(v + ε);  w' = w s;  b' = (b − m) s + β
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> w = Elements<T>(operands[0]);
        ReadOnlySpan<T> gamma = Elements<T>(operands[2]);
        ReadOnlySpan<T> beta = Elements<T>(operands[3]);
        ReadOnlySpan<T> mean = Elements<T>(operands[4]);
        ReadOnlySpan<T> variance = Elements<T>(operands[5]);
        Span<T> folded = Elements<T>(operands[6]);
        Span<T> foldedBias = Elements<T>(operands[7]);
        int channels = operands[0]!.Shape.Channels;
        var scales = new double[gamma.Length];
        for (int c = 0; c < scales.Length; c++)
        {
            scales[c] = Wide(gamma[c]) / Math.Sqrt(Wide(variance[c]) + Operation.Epsilon);
            double bias = operands[1] is null ? 0 : Wide(Elements<T>(operands[1])[c]);
            foldedBias[c] = Round<T>((bias - Wide(mean[c])) * scales[c] + Wide(beta[c]));
        }
        for (int k = 0; k < w.Length; k++)
        {
            int c = Operation.FirstChannel(k / channels);
            if (Operation.TransposedGroups > 0)
                c += k % channels;
            folded[k] = Round<T>(Wide(w[k]) * scales[c]);
        }
    }
}

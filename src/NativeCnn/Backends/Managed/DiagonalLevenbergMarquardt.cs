using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool DiagonalLevenbergMarquardt = Provide<DiagonalLevenbergMarquardtUpdate>(
        (b, operation) => new DiagonalLevenbergMarquardtUpdateKernel(b, operation)
    );
}

internal sealed class DiagonalLevenbergMarquardtUpdateKernel(
    ManagedBackend backend,
    DiagonalLevenbergMarquardtUpdate operation
) : ManagedKernel<DiagonalLevenbergMarquardtUpdate>(backend, operation)
{
    // w ← w − η (g + λw) / (|h| + μ)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> g = Elements<T>(operands[0]);
        ReadOnlySpan<T> h = Elements<T>(operands[1]);
        Span<T> w = Elements<T>(operands[2]);
        for (int k = 0; k < w.Length; k++)
        {
            double gradient = Wide(g[k]) + scalars[2] * Wide(w[k]);
            w[k] = Round<T>(Wide(w[k]) - scalars[0] * gradient / (Math.Abs(Wide(h[k])) + scalars[1]));
        }
    }
}

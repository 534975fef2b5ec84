using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool SubtractiveNorm =
        Provide<SubtractiveNormForward>((b, operation) => new SubtractiveNormForwardKernel(b, operation))
        && Provide<SubtractiveNormBackward>((b, operation) => new SubtractiveNormBackwardKernel(b, operation));
}

internal sealed class SubtractiveNormForwardKernel(ManagedBackend backend, SubtractiveNormForward operation)
    : ManagedKernel<SubtractiveNormForward>(backend, operation)
{
    // v_i = x_i − Σ_j K ∗ x_j
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        Shape shape = operands[0]!.Shape;
        for (int n = 0; n < shape.BatchSize; n++)
        {
            ReadOnlySpan<T> x = Elements<T>(operands[0]).Slice(n * shape.ElementsPerExample, shape.ElementsPerExample);
            Span<T> v = Elements<T>(operands[1]).Slice(n * shape.ElementsPerExample, shape.ElementsPerExample);
            var sums = new double[shape.Height * shape.Width];
            for (int k = 0; k < x.Length; k++)
                sums[k / shape.Channels] += Wide(x[k]);
            double[] means = GaussianMeans.Of(Operation.Window, sums, shape.Height, shape.Width, shape.Channels);
            for (int k = 0; k < x.Length; k++)
                v[k] = Round<T>(Wide(x[k]) - means[k / shape.Channels]);
        }
    }
}

internal sealed class SubtractiveNormBackwardKernel(ManagedBackend backend, SubtractiveNormBackward operation)
    : ManagedKernel<SubtractiveNormBackward>(backend, operation)
{
    // dx_i = dv_i − Kᵀ ∗ Σ_j dv_j
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        Shape shape = operands[0]!.Shape;
        for (int n = 0; n < shape.BatchSize; n++)
        {
            ReadOnlySpan<T> dv = Elements<T>(operands[0]).Slice(n * shape.ElementsPerExample, shape.ElementsPerExample);
            Span<T> dx = Elements<T>(operands[1]).Slice(n * shape.ElementsPerExample, shape.ElementsPerExample);
            var sums = new double[shape.Height * shape.Width];
            for (int k = 0; k < dv.Length; k++)
                sums[k / shape.Channels] += Wide(dv[k]);
            double[] spread = GaussianMeans.Adjoint(Operation.Window, sums, shape.Height, shape.Width, shape.Channels);
            for (int k = 0; k < dv.Length; k++)
                dx[k] = Round<T>(Wide(dv[k]) - spread[k / shape.Channels]);
        }
    }
}

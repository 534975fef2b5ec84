using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Subsampling =
        Provide<SubsamplingForward>((b, operation) => new SubsamplingForwardKernel(b, operation))
        && Provide<SubsamplingBackwardData>((b, operation) => new SubsamplingBackwardDataKernel(b, operation))
        && Provide<SubsamplingBackwardCoefficients>(
            (b, operation) => new SubsamplingBackwardCoefficientsKernel(b, operation)
        );
}

internal sealed class SubsamplingForwardKernel(ManagedBackend backend, SubsamplingForward operation)
    : ManagedKernel<SubsamplingForward>(backend, operation)
{
    // s[n,i,j,c] = Σ x over the block, y = β_c s + b_c
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        (Shape input, Shape output) = (operands[0]!.Shape, operands[3]!.Shape);
        (int height, int width) = (Operation.Block.Height, Operation.Block.Width);
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> coefficients = Elements<T>(operands[1]);
        ReadOnlySpan<T> bias = Elements<T>(operands[2]);
        Span<T> y = Elements<T>(operands[3]);
        Span<T> sums = Elements<T>(operands[4]);
        int place = 0;
        for (int n = 0; n < output.BatchSize; n++)
        for (int i = 0; i < output.Height; i++)
        for (int j = 0; j < output.Width; j++)
        for (int c = 0; c < output.Channels; c++, place++)
        {
            double sum = 0;
            for (int row = i * height; row < (i + 1) * height; row++)
            for (int column = j * width; column < (j + 1) * width; column++)
                sum += Wide(x[((n * input.Height + row) * input.Width + column) * input.Channels + c]);
            y[place] = Round<T>(Wide(coefficients[c]) * sum + Wide(bias[c]));
            if (!sums.IsEmpty)
                sums[place] = Round<T>(sum);
        }
    }
}

internal sealed class SubsamplingBackwardDataKernel(ManagedBackend backend, SubsamplingBackwardData operation)
    : ManagedKernel<SubsamplingBackwardData>(backend, operation)
{
    // dx[n,row,column,c] = β_c dy[n, ⌊row/h⌋, ⌊column/w⌋, c], or β_c²
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        (Shape output, Shape input) = (operands[0]!.Shape, operands[2]!.Shape);
        ReadOnlySpan<T> dy = Elements<T>(operands[0]);
        ReadOnlySpan<T> coefficients = Elements<T>(operands[1]);
        Span<T> dx = Elements<T>(operands[2]);
        int place = 0;
        for (int n = 0; n < input.BatchSize; n++)
        for (int row = 0; row < input.Height; row++)
        for (int column = 0; column < input.Width; column++)
        for (int c = 0; c < input.Channels; c++)
        {
            (int i, int j) = (row / Operation.Block.Height, column / Operation.Block.Width);
            double beta = Wide(coefficients[c]);
            double gradient = Wide(dy[((n * output.Height + i) * output.Width + j) * output.Channels + c]);
            dx[place++] = Round<T>((Operation.IsSquared ? beta * beta : beta) * gradient);
        }
    }
}

internal sealed class SubsamplingBackwardCoefficientsKernel(
    ManagedBackend backend,
    SubsamplingBackwardCoefficients operation
) : ManagedKernel<SubsamplingBackwardCoefficients>(backend, operation)
{
    // dβ_c += Σ s dy, or Σ s² dy
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> sums = Elements<T>(operands[0]);
        ReadOnlySpan<T> dy = Elements<T>(operands[1]);
        Span<T> gradient = Elements<T>(operands[2]);
        for (int c = 0; c < gradient.Length; c++)
        {
            double total = Wide(gradient[c]);
            for (int k = c; k < sums.Length; k += gradient.Length)
                total += Wide(sums[k]) * (Operation.IsSquared ? Wide(sums[k]) : 1) * Wide(dy[k]);
            gradient[c] = Round<T>(total);
        }
    }
}

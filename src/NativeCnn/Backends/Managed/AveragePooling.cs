using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool AveragePooling =
        Provide<AveragePoolingForward>((b, operation) => new AveragePoolingForwardKernel(b, operation))
        && Provide<AveragePoolingBackward>((b, operation) => new AveragePoolingBackwardKernel(b, operation));
}

internal sealed class AveragePoolingForwardKernel(ManagedBackend backend, AveragePoolingForward operation)
    : ManagedKernel<AveragePoolingForward>(backend, operation)
{
    // y[n,y,x,c] = Σ x[n,row,column,c] / divisor over the rows and columns of the window inside the image
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        PoolingGeometry g = Operation.Geometry;
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        for (int n = 0; n < g.BatchSize; n++)
        for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
        for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
        {
            PoolingWindow window = PoolingWindow.At(g, outputRow, outputColumn);
            for (int c = 0; c < g.Channels; c++)
            {
                double sum = 0;
                for (int row = window.Top; row < window.Bottom; row++)
                for (int column = window.Left; column < window.Right; column++)
                    sum += Wide(x[((n * g.Height + row) * g.Width + column) * g.Channels + c]);
                int place = ((n * g.OutputHeight + outputRow) * g.OutputWidth + outputColumn) * g.Channels + c;
                y[place] = Round<T>(sum / window.Divisor);
            }
        }
    }
}

internal sealed class AveragePoolingBackwardKernel(ManagedBackend backend, AveragePoolingBackward operation)
    : ManagedKernel<AveragePoolingBackward>(backend, operation)
{
    // dx[n,row,column,c] = Σ dy[n,y,x,c] / divisor over the windows that hold (row, column)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        PoolingGeometry g = Operation.Geometry;
        ReadOnlySpan<T> dy = Elements<T>(operands[0]);
        Span<T> dx = Elements<T>(operands[1]);
        var sums = new double[dx.Length];
        for (int n = 0; n < g.BatchSize; n++)
        for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
        for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
        {
            PoolingWindow window = PoolingWindow.At(g, outputRow, outputColumn);
            for (int c = 0; c < g.Channels; c++)
            {
                int place = ((n * g.OutputHeight + outputRow) * g.OutputWidth + outputColumn) * g.Channels + c;
                double share = Wide(dy[place]) / window.Divisor;
                for (int row = window.Top; row < window.Bottom; row++)
                for (int column = window.Left; column < window.Right; column++)
                    sums[((n * g.Height + row) * g.Width + column) * g.Channels + c] += share;
            }
        }
        for (int k = 0; k < sums.Length; k++)
            dx[k] = Round<T>(sums[k]);
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool L2Pooling =
        Provide<L2PoolingForward>((b, operation) => new L2PoolingForwardKernel(b, operation))
        && Provide<L2PoolingBackward>((b, operation) => new L2PoolingBackwardKernel(b, operation));
}

internal sealed class L2PoolingForwardKernel(ManagedBackend backend, L2PoolingForward operation)
    : ManagedKernel<L2PoolingForward>(backend, operation)
{
    // y[n,y,x,c] = √(Σ x[n,row,column,c]² / divisor) over the rows and columns of the window inside the image
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
                {
                    double value = Wide(x[((n * g.Height + row) * g.Width + column) * g.Channels + c]);
                    sum += value * value;
                }
                int place = ((n * g.OutputHeight + outputRow) * g.OutputWidth + outputColumn) * g.Channels + c;
                y[place] = Round<T>(Math.Sqrt(sum / window.Divisor));
            }
        }
    }
}

internal sealed class L2PoolingBackwardKernel(ManagedBackend backend, L2PoolingBackward operation)
    : ManagedKernel<L2PoolingBackward>(backend, operation)
{
    // dx[n,row,column,c] = x[n,row,column,c] Σ dy[n,y,x,c] / (y[n,y,x,c] · divisor); 0 from a window whose root is 0
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        PoolingGeometry g = Operation.Geometry;
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> y = Elements<T>(operands[1]);
        ReadOnlySpan<T> dy = Elements<T>(operands[2]);
        Span<T> dx = Elements<T>(operands[3]);
        var sums = new double[dx.Length];
        for (int n = 0; n < g.BatchSize; n++)
        for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
        for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
        {
            PoolingWindow window = PoolingWindow.At(g, outputRow, outputColumn);
            for (int c = 0; c < g.Channels; c++)
            {
                int place = ((n * g.OutputHeight + outputRow) * g.OutputWidth + outputColumn) * g.Channels + c;
                if (y[place] == T.Zero)
                    continue;
                double share = Wide(dy[place]) / (Wide(y[place]) * window.Divisor);
                for (int row = window.Top; row < window.Bottom; row++)
                for (int column = window.Left; column < window.Right; column++)
                    sums[((n * g.Height + row) * g.Width + column) * g.Channels + c] += share;
            }
        }
        for (int k = 0; k < sums.Length; k++)
            dx[k] = Round<T>(Wide(x[k]) * sums[k]);
    }
}

using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    /// <inheritdoc/>
    public void AveragePoolingForward(in PoolingGeometry geometry, Tensor input, Tensor output)
    {
        OperationChecks.AveragePoolingForward(geometry, input, output, ElementType);
        if (IsFloat32)
            AveragePoolingForward<float>(geometry, input, output);
        else
            AveragePoolingForward<double>(geometry, input, output);
    }

    /// <inheritdoc/>
    public void AveragePoolingBackward(in PoolingGeometry geometry, Tensor outputGradient, Tensor inputGradient)
    {
        OperationChecks.AveragePoolingBackward(geometry, outputGradient, inputGradient, ElementType);
        if (IsFloat32)
            AveragePoolingBackward<float>(geometry, outputGradient, inputGradient);
        else
            AveragePoolingBackward<double>(geometry, outputGradient, inputGradient);
    }

    // y[n,y,x,c] = Σ x[n,row,column,c] / divisor over the rows and columns of the window inside the image
    private static void AveragePoolingForward<T>(in PoolingGeometry g, Tensor input, Tensor output)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> x = input.AsSpan<T>();
        Span<T> y = output.AsSpan<T>();
        for (int n = 0; n < g.Batch; n++)
        for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
        for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
        {
            Window window = WindowAt(g, outputRow, outputColumn);
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

    // dx[n,row,column,c] = Σ dy[n,y,x,c] / divisor over the windows that hold (row, column)
    private static void AveragePoolingBackward<T>(in PoolingGeometry g, Tensor outputGradient, Tensor inputGradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> dy = outputGradient.AsSpan<T>();
        Span<T> dx = inputGradient.AsSpan<T>();
        var sums = new double[dx.Length];
        for (int n = 0; n < g.Batch; n++)
        for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
        for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
        {
            Window window = WindowAt(g, outputRow, outputColumn);
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

    // The divisor is the window's full area if padding counts, else the number of its pixels inside the image.
    private static Window WindowAt(in PoolingGeometry g, int outputRow, int outputColumn)
    {
        int top = outputRow * g.StrideY - g.PadTop;
        int left = outputColumn * g.StrideX - g.PadLeft;
        int insideTop = Math.Max(top, 0);
        int insideLeft = Math.Max(left, 0);
        int insideBottom = Math.Min(top + g.WindowHeight, g.Height);
        int insideRight = Math.Min(left + g.WindowWidth, g.Width);
        int divisor =
            g.CountPadding == 1
                ? g.WindowHeight * g.WindowWidth
                : (insideBottom - insideTop) * (insideRight - insideLeft);
        return new Window(insideTop, insideLeft, insideBottom, insideRight, divisor);
    }

    /// <summary>The part of a window that lies inside the image, ends excluded, and what its sum is divided by.</summary>
    private readonly record struct Window(int Top, int Left, int Bottom, int Right, int Divisor);
}

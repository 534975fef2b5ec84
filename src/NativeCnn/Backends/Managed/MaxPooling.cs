using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool MaxPooling =
        Provide<MaxPoolingForward>((b, operation) => new MaxPoolingForwardKernel(b, operation))
        && Provide<MaxPoolingBackward>((b, operation) => new MaxPoolingBackwardKernel(b, operation));
}

internal sealed class MaxPoolingForwardKernel(ManagedBackend backend, MaxPoolingForward operation)
    : ManagedKernel<MaxPoolingForward>(backend, operation)
{
    // y[n,y,x,c] = max over (i, j) of x[n, y·s + i − p_top, x·s + j − p_left, c], the places inside the image alone.
    // The winner's place is i·window_width + j. First of equals in scan order; a NaN beats every number.
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        PoolingGeometry g = Operation.Geometry;
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        Tensor? argmax = operands[2];
        for (int n = 0; n < g.BatchSize; n++)
        for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
        for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
        for (int c = 0; c < g.Channels; c++)
        {
            // Padding is smaller than the window, so every window has a place inside the image.
            int winner = -1;
            T maximum = T.Zero;
            for (int i = 0; i < g.WindowHeight; i++)
            {
                int row = outputRow * g.StrideY + i - g.PadTop;
                if (row < 0 || row >= g.Height)
                    continue;
                for (int j = 0; j < g.WindowWidth; j++)
                {
                    int column = outputColumn * g.StrideX + j - g.PadLeft;
                    if (column < 0 || column >= g.Width)
                        continue;
                    T value = x[((n * g.Height + row) * g.Width + column) * g.Channels + c];
                    if (winner < 0 || value > maximum || (T.IsNaN(value) && !T.IsNaN(maximum)))
                    {
                        winner = i * g.WindowWidth + j;
                        maximum = value;
                    }
                }
            }
            int place = ((n * g.OutputHeight + outputRow) * g.OutputWidth + outputColumn) * g.Channels + c;
            y[place] = maximum;
            if (argmax?.Type == ElementType.Byte)
                argmax.AsSpan<byte>()[place] = (byte)winner;
            else if (argmax is not null)
                argmax.AsSpan<ushort>()[place] = (ushort)winner;
        }
    }
}

internal sealed class MaxPoolingBackwardKernel(ManagedBackend backend, MaxPoolingBackward operation)
    : ManagedKernel<MaxPoolingBackward>(backend, operation)
{
    // dx[n, y·s + i − p_top, x·s + j − p_left, c] = Σ dy[n,y,x,c] over the windows whose winner (i, j) is that pixel.
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        PoolingGeometry g = Operation.Geometry;
        ReadOnlySpan<T> dy = Elements<T>(operands[0]);
        Tensor argmax = operands[1]!;
        Span<T> dx = Elements<T>(operands[2]);
        var sums = new double[dx.Length];
        for (int n = 0; n < g.BatchSize; n++)
        for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
        for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
        for (int c = 0; c < g.Channels; c++)
        {
            int place = ((n * g.OutputHeight + outputRow) * g.OutputWidth + outputColumn) * g.Channels + c;
            int winner =
                argmax.Type == ElementType.Byte ? argmax.AsSpan<byte>()[place] : argmax.AsSpan<ushort>()[place];
            int row = outputRow * g.StrideY + winner / g.WindowWidth - g.PadTop;
            int column = outputColumn * g.StrideX + winner % g.WindowWidth - g.PadLeft;
            if (row < 0 || row >= g.Height || column < 0 || column >= g.Width)
                throw new ArgumentException($"{Operation.Name}: place {winner} at {place} is outside the image ({g}).");
            sums[((n * g.Height + row) * g.Width + column) * g.Channels + c] += Wide(dy[place]);
        }
        for (int k = 0; k < sums.Length; k++)
            dx[k] = Round<T>(sums[k]);
    }
}

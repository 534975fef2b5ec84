using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Convolution =
        Provide<ConvolutionForward>((b, operation) => new ConvolutionForwardKernel(b, operation))
        && Provide<ConvolutionBackwardData>((b, operation) => new ConvolutionBackwardDataKernel(b, operation))
        && Provide<ConvolutionBackwardFilter>((b, operation) => new ConvolutionBackwardFilterKernel(b, operation));
}

internal sealed class ConvolutionForwardKernel(ManagedBackend backend, ConvolutionForward operation)
    : ManagedKernel<ConvolutionForward>(backend, operation)
{
    // z[n,y,x,o] = f(b[o] + Σ_{i,j,c} w[o,i,j,c] · x[n, y·s + i·d − p_top, x·s + j·d − p_left, first + c]),
    // c over the channels of o's group, which begin at first; taps outside the image add nothing.
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ConvolutionGeometry g = Operation.Geometry;
        var at = new Places(g);
        ActivationFormula f = ActivationFormula.Of(Operation.Activation);
        ReadOnlySpan<double> x = Widen<T>(operands[0]);
        ReadOnlySpan<double> w = Widen<T>(operands[1]);
        ReadOnlySpan<T> b = Elements<T>(operands[2]);
        Span<T> z = Elements<T>(operands[3]);
        int depth = g.ChannelsPerGroup;
        for (int n = 0; n < g.BatchSize; n++)
        for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
        for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
        for (int o = 0; o < g.Filters; o++)
        {
            double sum = b.IsEmpty ? 0 : Wide(b[o]);
            for (int i = 0; i < g.KernelHeight; i++)
            for (int j = 0; j < g.KernelWidth; j++)
            {
                int start = at.Pixel(n, outputRow, outputColumn, o, i, j);
                if (start < 0)
                    continue;
                ReadOnlySpan<double> pixel = x.Slice(start, depth);
                ReadOnlySpan<double> tap = w.Slice(at.Tap(o, i, j), depth);
                for (int c = 0; c < pixel.Length; c++)
                    sum += tap[c] * pixel[c];
            }
            z[at.Output(n, outputRow, outputColumn, o)] = Round<T>(f.Output(sum));
        }
    }
}

internal sealed class ConvolutionBackwardDataKernel(ManagedBackend backend, ConvolutionBackwardData operation)
    : ManagedKernel<ConvolutionBackwardData>(backend, operation)
{
    // dx[n, y·s + i·d − p_top, x·s + j·d − p_left, first + c] = Σ dz[n,y,x,o] · w[o,i,j,c] over every (y, x, o, i, j)
    // that reaches it: each product of the forward pass goes back to the pixel it came from.
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ConvolutionGeometry g = Operation.Geometry;
        var at = new Places(g);
        ReadOnlySpan<T> dz = Elements<T>(operands[0]);
        ReadOnlySpan<double> w = Widen<T>(operands[1]);
        Span<T> dx = Elements<T>(operands[2]);
        int depth = g.ChannelsPerGroup;
        int imageCount = g.Height * g.Width * g.Channels;
        var sums = new double[imageCount];
        for (int n = 0; n < g.BatchSize; n++)
        {
            Array.Clear(sums);
            for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
            for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
            for (int o = 0; o < g.Filters; o++)
            {
                double gradient = Wide(dz[at.Output(n, outputRow, outputColumn, o)]);
                for (int i = 0; i < g.KernelHeight; i++)
                for (int j = 0; j < g.KernelWidth; j++)
                {
                    int start = at.Pixel(0, outputRow, outputColumn, o, i, j);
                    if (start < 0)
                        continue;
                    Span<double> pixel = sums.AsSpan(start, depth);
                    ReadOnlySpan<double> tap = w.Slice(at.Tap(o, i, j), depth);
                    for (int c = 0; c < pixel.Length; c++)
                        pixel[c] += gradient * tap[c];
                }
            }
            Span<T> image = dx.Slice(n * imageCount, imageCount);
            for (int k = 0; k < imageCount; k++)
                image[k] = Round<T>(sums[k]);
        }
    }
}

internal sealed class ConvolutionBackwardFilterKernel(ManagedBackend backend, ConvolutionBackwardFilter operation)
    : ManagedKernel<ConvolutionBackwardFilter>(backend, operation)
{
    // dw[o,i,j,c] += Σ_{n,y,x} dz[n,y,x,o] · x[n, y·s + i·d − p_top, x·s + j·d − p_left, first + c]
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ConvolutionGeometry g = Operation.Geometry;
        var at = new Places(g);
        ReadOnlySpan<double> x = Widen<T>(operands[0]);
        ReadOnlySpan<T> dz = Elements<T>(operands[1]);
        Span<T> dw = Elements<T>(operands[2]);
        int depth = g.ChannelsPerGroup;
        var sums = new double[dw.Length];
        for (int n = 0; n < g.BatchSize; n++)
        for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
        for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
        for (int o = 0; o < g.Filters; o++)
        {
            double gradient = Wide(dz[at.Output(n, outputRow, outputColumn, o)]);
            for (int i = 0; i < g.KernelHeight; i++)
            for (int j = 0; j < g.KernelWidth; j++)
            {
                int start = at.Pixel(n, outputRow, outputColumn, o, i, j);
                if (start < 0)
                    continue;
                ReadOnlySpan<double> pixel = x.Slice(start, depth);
                Span<double> tap = sums.AsSpan(at.Tap(o, i, j), depth);
                for (int c = 0; c < tap.Length; c++)
                    tap[c] += gradient * pixel[c];
            }
        }
        for (int k = 0; k < sums.Length; k++)
            dw[k] = Round<T>(Wide(dw[k]) + sums[k]);
    }
}

/// <summary>Where the elements of a convolution lie.</summary>
file readonly struct Places(ConvolutionGeometry g)
{
    private readonly int _depth = g.ChannelsPerGroup;
    private readonly int _filters = g.FiltersPerGroup;

    /// <summary>A filter's element of an output pixel.</summary>
    public int Output(int n, int outputRow, int outputColumn, int o) =>
        ((n * g.OutputHeight + outputRow) * g.OutputWidth + outputColumn) * g.Filters + o;

    /// <summary>The filter's first weight of tap (i, j).</summary>
    public int Tap(int o, int i, int j) => ((o * g.KernelHeight + i) * g.KernelWidth + j) * _depth;

    /// <summary>The first channel of o's group, of the pixel that its tap (i, j) meets; −1 outside the image.</summary>
    public int Pixel(int n, int outputRow, int outputColumn, int o, int i, int j)
    {
        int row = outputRow * g.StrideY + i * g.DilationY - g.PadTop;
        int column = outputColumn * g.StrideX + j * g.DilationX - g.PadLeft;
        return row < 0 || row >= g.Height || column < 0 || column >= g.Width
            ? -1
            : ((n * g.Height + row) * g.Width + column) * g.Channels + o / _filters * _depth;
    }
}

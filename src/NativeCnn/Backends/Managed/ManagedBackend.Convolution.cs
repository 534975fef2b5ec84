using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    /// <inheritdoc/>
    public ConvolutionPlan PlanConvolution(in ConvolutionGeometry geometry) => new DirectConvolution(geometry);

    /// <inheritdoc/>
    public long WorkspaceBytes(IEnumerable<ConvolutionGeometry> convolutions) => 0;

    /// <inheritdoc/>
    public void ConvolutionForward(
        ConvolutionPlan plan,
        Tensor input,
        Tensor filters,
        Tensor? bias,
        in Activation activation,
        Tensor output
    )
    {
        ArgumentNullException.ThrowIfNull(plan);
        OperationChecks.ConvolutionForward(plan.Geometry, input, filters, bias, activation, output, ElementType);
        if (IsFloat32)
            ConvolutionForward<float>(plan.Geometry, input, filters, bias, activation, output);
        else
            ConvolutionForward<double>(plan.Geometry, input, filters, bias, activation, output);
    }

    /// <inheritdoc/>
    public void ConvolutionBackwardData(
        ConvolutionPlan plan,
        Tensor outputGradient,
        Tensor filters,
        Tensor inputGradient
    )
    {
        ArgumentNullException.ThrowIfNull(plan);
        OperationChecks.ConvolutionBackwardData(plan.Geometry, outputGradient, filters, inputGradient, ElementType);
        if (IsFloat32)
            ConvolutionBackwardData<float>(plan.Geometry, outputGradient, filters, inputGradient);
        else
            ConvolutionBackwardData<double>(plan.Geometry, outputGradient, filters, inputGradient);
    }

    /// <inheritdoc/>
    public void ConvolutionBackwardFilter(
        ConvolutionPlan plan,
        Tensor input,
        Tensor outputGradient,
        Tensor filterGradient
    )
    {
        ArgumentNullException.ThrowIfNull(plan);
        OperationChecks.ConvolutionBackwardFilter(plan.Geometry, input, outputGradient, filterGradient, ElementType);
        if (IsFloat32)
            ConvolutionBackwardFilter<float>(plan.Geometry, input, outputGradient, filterGradient);
        else
            ConvolutionBackwardFilter<double>(plan.Geometry, input, outputGradient, filterGradient);
    }

    // z[n,y,x,o] = f(b[o] + Σ_{i,j,c} w[o,i,j,c] · x[n, y·s + i·d − p_top, x·s + j·d − p_left, first + c]),
    // c over the channels of o's group, which begin at first; taps outside the image add nothing.
    private static void ConvolutionForward<T>(
        in ConvolutionGeometry g,
        Tensor input,
        Tensor filters,
        Tensor? bias,
        in Activation activation,
        Tensor output
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<double> x = Widen<T>(input);
        ReadOnlySpan<double> w = Widen<T>(filters);
        ReadOnlySpan<T> b = bias is null ? default : bias.AsSpan<T>();
        Span<T> z = output.AsSpan<T>();
        int depth = g.ChannelsPerGroup;
        for (int n = 0; n < g.Batch; n++)
        for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
        for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
        for (int o = 0; o < g.Filters; o++)
        {
            double sum = bias is null ? 0 : Wide(b[o]);
            int first = o / g.FiltersPerGroup * depth;
            for (int i = 0; i < g.KernelHeight; i++)
            {
                int row = outputRow * g.StrideY + i * g.DilationY - g.PadTop;
                if (row < 0 || row >= g.Height)
                    continue;
                for (int j = 0; j < g.KernelWidth; j++)
                {
                    int column = outputColumn * g.StrideX + j * g.DilationX - g.PadLeft;
                    if (column < 0 || column >= g.Width)
                        continue;
                    ReadOnlySpan<double> pixel = x.Slice(
                        ((n * g.Height + row) * g.Width + column) * g.Channels + first,
                        depth
                    );
                    ReadOnlySpan<double> tap = w.Slice(((o * g.KernelHeight + i) * g.KernelWidth + j) * depth, depth);
                    for (int c = 0; c < pixel.Length; c++)
                        sum += tap[c] * pixel[c];
                }
            }
            int place = ((n * g.OutputHeight + outputRow) * g.OutputWidth + outputColumn) * g.Filters + o;
            z[place] = Round<T>(Activate(activation, sum));
        }
    }

    // dx[n, y·s + i·d − p_top, x·s + j·d − p_left, first + c] = Σ dz[n,y,x,o] · w[o,i,j,c] over every (y, x, o, i, j) that
    // reaches it: each product of the forward pass goes back to the pixel it came from.
    private static void ConvolutionBackwardData<T>(
        in ConvolutionGeometry g,
        Tensor outputGradient,
        Tensor filters,
        Tensor inputGradient
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> dz = outputGradient.AsSpan<T>();
        ReadOnlySpan<double> w = Widen<T>(filters);
        Span<T> dx = inputGradient.AsSpan<T>();
        int depth = g.ChannelsPerGroup;
        int imageCount = g.Height * g.Width * g.Channels;
        var sums = new double[imageCount];
        for (int n = 0; n < g.Batch; n++)
        {
            Array.Clear(sums);
            for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
            for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
            for (int o = 0; o < g.Filters; o++)
            {
                int place = ((n * g.OutputHeight + outputRow) * g.OutputWidth + outputColumn) * g.Filters + o;
                double gradient = Wide(dz[place]);
                int first = o / g.FiltersPerGroup * depth;
                for (int i = 0; i < g.KernelHeight; i++)
                {
                    int row = outputRow * g.StrideY + i * g.DilationY - g.PadTop;
                    if (row < 0 || row >= g.Height)
                        continue;
                    for (int j = 0; j < g.KernelWidth; j++)
                    {
                        int column = outputColumn * g.StrideX + j * g.DilationX - g.PadLeft;
                        if (column < 0 || column >= g.Width)
                            continue;
                        Span<double> pixel = sums.AsSpan((row * g.Width + column) * g.Channels + first, depth);
                        ReadOnlySpan<double> tap = w.Slice(
                            ((o * g.KernelHeight + i) * g.KernelWidth + j) * depth,
                            depth
                        );
                        for (int c = 0; c < pixel.Length; c++)
                            pixel[c] += gradient * tap[c];
                    }
                }
            }
            Span<T> image = dx.Slice(n * imageCount, imageCount);
            for (int k = 0; k < imageCount; k++)
                image[k] = Round<T>(sums[k]);
        }
    }

    // dw[o,i,j,c] += Σ_{n,y,x} dz[n,y,x,o] · x[n, y·s + i·d − p_top, x·s + j·d − p_left, first + c]
    private static void ConvolutionBackwardFilter<T>(
        in ConvolutionGeometry g,
        Tensor input,
        Tensor outputGradient,
        Tensor filterGradient
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<double> x = Widen<T>(input);
        ReadOnlySpan<T> dz = outputGradient.AsSpan<T>();
        Span<T> dw = filterGradient.AsSpan<T>();
        int depth = g.ChannelsPerGroup;
        var sums = new double[dw.Length];
        for (int n = 0; n < g.Batch; n++)
        for (int outputRow = 0; outputRow < g.OutputHeight; outputRow++)
        for (int outputColumn = 0; outputColumn < g.OutputWidth; outputColumn++)
        for (int o = 0; o < g.Filters; o++)
        {
            int place = ((n * g.OutputHeight + outputRow) * g.OutputWidth + outputColumn) * g.Filters + o;
            double gradient = Wide(dz[place]);
            int first = o / g.FiltersPerGroup * depth;
            for (int i = 0; i < g.KernelHeight; i++)
            {
                int row = outputRow * g.StrideY + i * g.DilationY - g.PadTop;
                if (row < 0 || row >= g.Height)
                    continue;
                for (int j = 0; j < g.KernelWidth; j++)
                {
                    int column = outputColumn * g.StrideX + j * g.DilationX - g.PadLeft;
                    if (column < 0 || column >= g.Width)
                        continue;
                    ReadOnlySpan<double> pixel = x.Slice(
                        ((n * g.Height + row) * g.Width + column) * g.Channels + first,
                        depth
                    );
                    Span<double> tap = sums.AsSpan(((o * g.KernelHeight + i) * g.KernelWidth + j) * depth, depth);
                    for (int c = 0; c < tap.Length; c++)
                        tap[c] += gradient * pixel[c];
                }
            }
        }
        for (int k = 0; k < sums.Length; k++)
            dw[k] = Round<T>(Wide(dw[k]) + sums[k]);
    }

    /// <summary>The plan of the specification: the loops above, for every geometry.</summary>
    private sealed class DirectConvolution(in ConvolutionGeometry geometry) : ConvolutionPlan(geometry)
    {
        public override string Forward => "direct";

        public override string BackwardData => "direct";

        public override string BackwardFilter => "direct";
    }
}

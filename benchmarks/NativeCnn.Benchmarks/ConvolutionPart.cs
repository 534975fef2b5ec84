using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>
/// The part of a convolution that the managed backend computes for comparison: all of a small one; of a large one,
/// which would take it minutes, a few channels of two images, or of the filters' gradient a few channels of a few
/// filters.
/// </summary>
/// <remarks>
/// A part is a convolution itself, of whole planes and so with every border, which sums exactly the products that its
/// results have in the whole.
/// </remarks>
internal static class ConvolutionPart
{
    // Some tenths of a second.
    private const double MaxMultiplyAdds = 30e6;

    /// <summary>The part as an operation, and where its operands lie in those of the whole.</summary>
    public static (Operation Part, Selection[] Operands) Of(ConvolutionOperation whole)
    {
        ConvolutionGeometry g = whole.Geometry;
        if (g.MultiplyAdds <= MaxMultiplyAdds)
            return (whole, [.. whole.Operands.Select(_ => Selection.Everything)]);
        // Sums run over the channels forward, over the filters in backward-data and over the images in backward-filter:
        // of these nothing may be missing. Of several groups it is the last.
        int[] images = Some(g.BatchSize, whole is ConvolutionBackwardFilter ? 1 : 0);
        double share = MaxMultiplyAdds / ((double)g.MultiplyAdds / g.Groups * images.Length / g.BatchSize);
        (double ofFilters, double ofChannels) = whole switch
        {
            ConvolutionForward => (share, 1.0),
            ConvolutionBackwardData => (1.0, share),
            _ => (Math.Sqrt(share), Math.Sqrt(share)),
        };
        int[] filters = Some(g.FiltersPerGroup, ofFilters);
        int[] channels = Some(g.ChannelsPerGroup, ofChannels);
        ConvolutionGeometry part = new(
            new Shape(images.Length, g.Height, g.Width, channels.Length),
            filters.Length,
            new Size2(g.KernelHeight, g.KernelWidth),
            new Size2(g.StrideY, g.StrideX),
            new Size2(g.DilationY, g.DilationX),
            new Padding(g.PadTop, g.PadLeft, g.PadBottom, g.PadRight)
        );
        int[] outputs = [.. filters.Select(filter => g.Filters - g.FiltersPerGroup + filter)];
        int[] inputs = [.. channels.Select(channel => g.Channels - g.ChannelsPerGroup + channel)];
        Selection input = new(images, inputs);
        Selection output = new(images, outputs);
        Selection weights = new(outputs, channels);
        return whole switch
        {
            ConvolutionForward forward => (
                new ConvolutionForward(part, forward.Activation, forward.HasBias),
                [input, weights, new Selection([0], outputs), output]
            ),
            ConvolutionBackwardData => (new ConvolutionBackwardData(part), [output, weights, input]),
            _ => (new ConvolutionBackwardFilter(part), [input, output, weights]),
        };
    }

    // A share of so many, two at least, the first and the last among them.
    private static int[] Some(int all, double share)
    {
        int count = (int)Math.Clamp(all * share, Math.Min(all, 2), all);
        return [.. Enumerable.Range(0, count).Select(i => i * (all - 1) / Math.Max(count - 1, 1))];
    }
}

/// <summary>Some places of a tensor's first dimension and some of its channels; null for all.</summary>
internal sealed record Selection(int[]? First, int[]? Channels)
{
    /// <summary>The whole tensor.</summary>
    public static Selection Everything { get; } = new(null, null);

    /// <summary>A copy of what is selected.</summary>
    public Tensor Copy(Tensor tensor)
    {
        Shape from = tensor.Shape;
        if (First is null || Channels is null)
        {
            Tensor whole = new(from, tensor.Type);
            tensor.CopyTo(whole);
            return whole;
        }
        Tensor copy = new(new Shape(First.Length, from.Height, from.Width, Channels.Length));
        ReadOnlySpan<float> values = tensor.Span;
        Span<float> selected = copy.Span;
        int pixels = from.Height * from.Width;
        int to = 0;
        foreach (int first in First)
            for (int pixel = 0; pixel < pixels; pixel++)
                foreach (int channel in Channels)
                    selected[to++] = values[(first * pixels + pixel) * from.Channels + channel];
        return copy;
    }
}

using NativeCnn.Backends;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.OneDnn;

/// <summary>
/// Some rows of what a pass of a convolution writes for an example, as a convolution of their own: it reads the rows
/// that they depend on, which are neighbours in memory, and zeros only beyond the image.
/// </summary>
/// <param name="Geometry">The convolution of these rows alone.</param>
/// <param name="FirstRead">The first row that is read.</param>
internal readonly record struct ConvolutionStrip(ConvolutionGeometry Geometry, int FirstRead)
{
    /// <summary>The strip, or null where it is no convolution that pads: its border would have to crop.</summary>
    /// <param name="g">The sizes of the whole.</param>
    /// <param name="pass">Forward or backward-data.</param>
    /// <param name="first">The first row that is written.</param>
    /// <param name="rows">How many.</param>
    public static ConvolutionStrip? Of(in ConvolutionGeometry g, ConvolutionPass pass, int first, int rows)
    {
        int reach = (g.KernelHeight - 1) * g.DilationY;
        int end = first + rows;
        // The rows of the image and of the output that the strip has to do with.
        int image,
            imageEnd,
            output,
            outputEnd;
        if (pass == ConvolutionPass.Forward)
        {
            (output, outputEnd) = (first, end);
            image = Math.Max(0, first * g.StrideY - g.PadTop);
            imageEnd = Math.Min(g.Height, (end - 1) * g.StrideY - g.PadTop + reach + 1);
        }
        else
        {
            (image, imageEnd) = (first, end);
            int least = first + g.PadTop - reach;
            output = least <= 0 ? 0 : (least + g.StrideY - 1) / g.StrideY;
            outputEnd = Math.Min(g.OutputHeight, (end - 1 + g.PadTop) / g.StrideY + 1);
        }
        if (imageEnd <= image || outputEnd <= output)
            return null;
        int above = g.PadTop + image - output * g.StrideY;
        int below = (outputEnd - 1 - output) * g.StrideY + reach + 1 - above - (imageEnd - image);
        // Rows of the image that no output of the strip reaches, as a stride may leave them at its end.
        if (pass == ConvolutionPass.BackwardData && below < 0 && below > -g.StrideY)
            below = 0;
        if (above < 0 || below < 0)
            return null;
        ConvolutionGeometry strip = Resized(g, 1, imageEnd - image, above, below);
        return new ConvolutionStrip(strip, pass == ConvolutionPass.Forward ? image : output);
    }

    /// <summary>A convolution with another batch size, height and padding above and below.</summary>
    public static ConvolutionGeometry Resized(
        in ConvolutionGeometry g,
        int batchSize,
        int height,
        int above,
        int below
    ) =>
        new(
            new Shape(batchSize, height, g.Width, g.Channels),
            g.Filters,
            new Size2(g.KernelHeight, g.KernelWidth),
            new Size2(g.StrideY, g.StrideX),
            new Size2(g.DilationY, g.DilationX),
            new Padding(above, g.PadLeft, below, g.PadRight),
            g.Groups
        );
}

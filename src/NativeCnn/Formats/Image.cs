using NativeCnn.Tensors;

namespace NativeCnn.Formats;

/// <summary>
/// A picture: height × width × channels values in [0, 1], channels fastest; one channel is grey, three are red, green,
/// blue.
/// </summary>
public sealed class Image
{
    /// <summary>A picture of given values.</summary>
    /// <exception cref="ArgumentException">
    /// The values are not as many as the sizes say, or there are neither 1 nor 3 channels.
    /// </exception>
    public Image(int height, int width, int channels, float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Shape = new Shape(1, height, width, channels);
        if (channels is not (1 or 3))
            throw new ArgumentException($"A picture has 1 or 3 channels, not {channels}.", nameof(channels));
        if (values.Length != Shape.Count)
            throw new ArgumentException(
                $"{values.Length} values are no picture of {height}×{width}×{channels}.",
                nameof(values)
            );
        Values = values;
    }

    /// <summary>The sizes, 1×H×W×C.</summary>
    public Shape Shape { get; }

    /// <summary>The values.</summary>
    public float[] Values { get; }

    /// <summary>
    /// Writes the picture in the shape of a network's input. Sizes: each pixel becomes the mean of the area that it
    /// covers (box filter), each axis scaled by itself. Channels: colour becomes grey by 0.299 R + 0.587 G + 0.114 B
    /// (ITU-R BT.601), grey becomes three equal channels.
    /// </summary>
    /// <param name="input">The network's input; its batch size does not matter.</param>
    /// <param name="values">As many places as one example has values.</param>
    /// <exception cref="ShapeException">
    /// The input has neither 1 nor 3 channels, or the place is of another size.
    /// </exception>
    public void CopyTo(Shape input, Span<float> values)
    {
        if (input.Channels is not (1 or 3) || values.Length != input.ElementsPerExample)
        {
            throw new ShapeException(
                $"A picture of {Shape} cannot become an example of {input} in {values.Length} places; pictures have 1 or 3 channels."
            );
        }
        float[] source = Resize(input.Height, input.Width);
        int channels = Shape.Channels;
        for (int pixel = 0; pixel < input.Height * input.Width; pixel++)
        {
            ReadOnlySpan<float> from = source.AsSpan(pixel * channels, channels);
            Span<float> to = values.Slice(pixel * input.Channels, input.Channels);
            if (from.Length == to.Length)
                from.CopyTo(to);
            else
                to.Fill(channels == 1 ? from[0] : 0.299f * from[0] + 0.587f * from[1] + 0.114f * from[2]);
        }
    }

    private float[] Resize(int height, int width)
    {
        if (height == Shape.Height && width == Shape.Width)
            return Values;
        int channels = Shape.Channels;
        // Rows × channels are one axis for the first pass, and width × channels one for the second.
        float[] narrow = ResizeAxis(Values, Shape.Height, Shape.Width, channels, width);
        return ResizeAxis(narrow, 1, Shape.Height, width * channels, height);
    }

    /// <summary>[outer × from × inner] to [outer × to × inner] by the mean over each covered interval.</summary>
    private static float[] ResizeAxis(float[] source, int outer, int from, int inner, int to)
    {
        float[] result = new float[outer * to * inner];
        double scale = (double)from / to;
        for (int target = 0; target < to; target++)
        {
            double begin = target * scale;
            double end = Math.Min(begin + scale, from);
            for (int k = (int)begin; k < end; k++)
            {
                float weight = (float)((Math.Min(k + 1, end) - Math.Max(k, begin)) / scale);
                for (int o = 0; o < outer; o++)
                for (int i = 0; i < inner; i++)
                    result[(o * to + target) * inner + i] += weight * source[(o * from + k) * inner + i];
            }
        }
        return result;
    }
}

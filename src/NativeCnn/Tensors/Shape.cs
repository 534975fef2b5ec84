using System.Globalization;

namespace NativeCnn.Tensors;

/// <summary>
/// The sizes of a rank-4 tensor, batch × height × width × channels (N×H×W×C), contiguous with channels fastest. A 1-D
/// signal has height 1; a feature vector has height and width 1. Filters use the same four places as output channels ×
/// kernel height × kernel width × input channels.
/// </summary>
public readonly record struct Shape
{
    /// <summary>A shape from its four sizes.</summary>
    /// <exception cref="ShapeException">A size is below 1 or the element count passes 2^31 − 1.</exception>
    public Shape(int batch, int height, int width, int channels)
    {
        if (batch < 1 || height < 1 || width < 1 || channels < 1)
            throw new ShapeException($"A shape's sizes are 1 or more; got {batch}×{height}×{width}×{channels}.");
        Int128 count = (Int128)batch * height * width * channels;
        if (count > int.MaxValue)
        {
            throw new ShapeException(
                $"{batch}×{height}×{width}×{channels} has {count} elements; a tensor has at most {int.MaxValue}. Use a smaller batch or image."
            );
        }
        BatchSize = batch;
        Height = height;
        Width = width;
        Channels = channels;
    }

    /// <summary>N: examples in the batch.</summary>
    public int BatchSize { get; }

    /// <summary>O, of filters and weights, which have it in the first place: output channels or units.</summary>
    public int Outputs => BatchSize;

    /// <summary>H: rows.</summary>
    public int Height { get; }

    /// <summary>W: columns.</summary>
    public int Width { get; }

    /// <summary>C: values per position.</summary>
    public int Channels { get; }

    /// <summary>The number of elements, N·H·W·C.</summary>
    public int Count => BatchSize * Height * Width * Channels;

    /// <summary>The number of elements of one example, H·W·C.</summary>
    public int ElementsPerExample => Height * Width * Channels;

    /// <summary>
    /// The number of positions over the batch, N·H·W: the rows of the matrix whose columns are the channels.
    /// </summary>
    public int PixelCount => BatchSize * Height * Width;

    /// <summary>A batch of feature vectors, N×1×1×C.</summary>
    public static Shape Vector(int batch, int channels) => new(batch, 1, 1, channels);

    /// <summary>The same example sizes with another batch size.</summary>
    public Shape WithBatchSize(int batch) => new(batch, Height, Width, Channels);

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{BatchSize}×{Height}×{Width}×{Channels}");
}

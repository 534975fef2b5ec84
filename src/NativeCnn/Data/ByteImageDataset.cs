using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// Images of one byte per value, held in memory. A value is byte/255 after <see cref="GreyScale"/>.
/// </summary>
internal sealed class ByteImageDataset : IDataset
{
    // Cheaper to look up than to divide.
    private static readonly float[] Scaled =
    [
        .. Enumerable.Range(0, 256).Select(value => GreyScale.Standardize(value / 255f)),
    ];

    private readonly byte[] _pixels;
    private readonly byte[] _labels;

    /// <param name="name">The name.</param>
    /// <param name="exampleShape">The shape of one example, 1×H×W×C.</param>
    /// <param name="pixels">Example × row × column × channel.</param>
    /// <param name="labels">One class of each example, checked by the caller.</param>
    /// <param name="classNames">The classes' names.</param>
    public ByteImageDataset(
        string name,
        Shape exampleShape,
        byte[] pixels,
        byte[] labels,
        IReadOnlyList<string> classNames
    )
    {
        if (pixels.LongLength != (long)labels.Length * exampleShape.Count)
            throw new ArgumentException($"{pixels.Length} bytes are not {labels.Length} images of {exampleShape}.");
        Name = name;
        ExampleShape = exampleShape;
        _pixels = pixels;
        _labels = labels;
        ClassNames = classNames;
    }

    /// <summary>The names of the ten digits' classes.</summary>
    public static IReadOnlyList<string> DigitNames { get; } = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    public string Name { get; }

    public int Count => _labels.Length;

    public Shape ExampleShape { get; }

    public IReadOnlyList<string> ClassNames { get; }

    public int Label(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return _labels[index];
    }

    public void Read(int index, Span<float> values)
    {
        ReadOnlySpan<byte> pixels = Pixels(index);
        if (values.Length != pixels.Length)
            throw new ShapeException(
                $"An example of {Name} has {pixels.Length} values; the place has {values.Length}."
            );
        float[] scaled = Scaled;
        for (int i = 0; i < pixels.Length; i++)
            values[i] = scaled[pixels[i]];
    }

    /// <summary>The bytes of an example, rows of columns of channels.</summary>
    public ReadOnlySpan<byte> Pixels(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return _pixels.AsSpan(index * ExampleShape.Count, ExampleShape.Count);
    }
}

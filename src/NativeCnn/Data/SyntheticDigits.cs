using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// Handwritten-looking digits that the program draws itself, in MNIST's form: ten classes, 28×28 grey values in [0, 1],
/// ink 1 on paper 0. Example i depends on the seed and i alone, so that a larger set begins with the smaller one; every
/// ten consecutive examples hold each class once, in random order.
/// </summary>
/// <remarks>
/// The pictures are the same on every machine. Sets for training and testing share no random numbers.
/// </remarks>
public sealed class SyntheticDigits : IDataset
{
    /// <summary>How many examples a training set has unless told.</summary>
    public const int DefaultTrainCount = 20_000;

    /// <summary>How many examples a test set has unless told.</summary>
    public const int DefaultTestCount = 4_000;

    /// <summary>The most examples a set can have.</summary>
    public const int LargestCount = 1_000_000;

    private const int ClassCount = 10;

    // The upper bits of a stream's number say what it is for, the lower ones for which example or ten.
    private const ulong TrainStreams = 0UL << 32;
    private const ulong TestStreams = 1UL << 32;
    private const ulong OrderStreams = 2UL << 32;

    private readonly ByteImageDataset _images;

    private SyntheticDigits(string name, int count, ulong seed, ulong streams)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LargestCount);
        const int PixelCount = DigitPainter.Size * DigitPainter.Size;
        byte[] pixels = new byte[count * PixelCount];
        byte[] labels = new byte[count];
        for (int start = 0; start < count; start += ClassCount)
            ShuffleClasses(
                labels.AsSpan(start, Math.Min(ClassCount, count - start)),
                seed,
                streams + OrderStreams + (ulong)start
            );
        Parallel.For(
            0,
            count,
            i =>
            {
                RandomStream random = new(seed, streams + (ulong)i);
                DigitPainter.Paint(labels[i], ref random, pixels.AsSpan(i * PixelCount, PixelCount));
            }
        );
        Shape example = new(1, DigitPainter.Size, DigitPainter.Size, 1);
        _images = new ByteImageDataset(name, example, pixels, labels, ByteImageDataset.DigitNames);
    }

    /// <inheritdoc/>
    public string Name => _images.Name;

    /// <inheritdoc/>
    public int Count => _images.Count;

    /// <inheritdoc/>
    public Shape ExampleShape => _images.ExampleShape;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => _images.ClassNames;

    /// <summary>Draws a set to learn from.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is not 1 to <see cref="LargestCount"/>.</exception>
    public static SyntheticDigits CreateTrain(int count = DefaultTrainCount, ulong seed = 0) =>
        new("drawn digits, train", count, seed, TrainStreams);

    /// <summary>Draws a set to test on, of other examples than <see cref="CreateTrain"/> draws.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is not 1 to <see cref="LargestCount"/>.</exception>
    public static SyntheticDigits CreateTest(int count = DefaultTestCount, ulong seed = 0) =>
        new("drawn digits, test", count, seed, TestStreams);

    /// <inheritdoc/>
    public int Label(int index) => _images.Label(index);

    /// <inheritdoc/>
    public void Read(int index, Span<float> values) => _images.Read(index, values);

    private static void ShuffleClasses(Span<byte> labels, ulong seed, ulong stream)
    {
        RandomStream random = new(seed, stream);
        Span<int> classes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        random.Shuffle(classes);
        for (int i = 0; i < labels.Length; i++)
            labels[i] = (byte)classes[i];
    }
}

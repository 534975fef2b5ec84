using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>
/// Convolutions such as networks have, drawn at random: what a cost model that was fitted on known layers is judged by.
/// </summary>
public static class RandomLayers
{
    /// <summary>The least multiply-adds of a layer: some 20 µs of one core.</summary>
    public const long MinMultiplyAdds = 1_000_000;

    /// <summary>The most multiply-adds of a layer: some 20 ms of one core.</summary>
    public const long MaxMultiplyAdds = 1_000_000_000;

    // Of the input or the output (64 MB).
    private const long MaxFloats = 1L << 24;

    private static readonly int[] BatchSizes = [1, 2, 4, 8, 8, 16, 32, 64];
    private static readonly int[] Sides =
    [
        .. (int[])[7, 7, 8, 10, 12, 13, 14, 14, 16, 17, 24, 27, 28, 28, 32, 35, 40, 48],
        .. (int[])[56, 56, 64, 80, 96, 112, 112, 128, 160, 192, 224, 224],
    ];

    // How often a number stands here is how likely it is.
    private static readonly int[] Kernels = [1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 5, 5, 7, 11];
    private static readonly int[] Strides = [1, 1, 1, 2];
    private static readonly int[] StridesOfLargeKernels = [1, 2, 4];
    private static readonly int[] GroupCounts = [2, 2, 4, 8, 16, 32, 32];
    private static readonly int[] OtherChannels =
    [
        1,
        3,
        3,
        6,
        20,
        24,
        40,
        48,
        50,
        72,
        96,
        144,
        192,
        320,
        384,
        576,
        960,
    ];

    /// <summary>So many layers; each follows from the seed and its place alone.</summary>
    public static IReadOnlyList<ConvolutionGeometry> Draw(int count, ulong seed) =>
        [.. Enumerable.Range(0, count).Select(place => One(new RandomStream(seed, (ulong)place)))];

    // Of eight layers one is depthwise and one has groups, though their sizes seldom fit: only sizes are drawn again.
    private static ConvolutionGeometry One(RandomStream random)
    {
        int kind = random.NextInt(8);
        while (true)
        {
            if (Try(ref random, isDepthwise: kind == 0, isGrouped: kind == 1) is { } layer)
                return layer;
        }
    }

    private static ConvolutionGeometry? Try(ref RandomStream random, bool isDepthwise, bool isGrouped)
    {
        int batch = Pick(ref random, BatchSizes);
        int side = Pick(ref random, Sides);
        int kernel = Pick(ref random, Kernels);
        int stride = Pick(ref random, kernel < 7 ? Strides : StridesOfLargeKernels);
        int padding = random.NextInt(5) == 0 ? 0 : kernel / 2;
        int channels = Channels(ref random);
        int filters = Channels(ref random);
        int groups = 1;
        if (isDepthwise)
        {
            filters = groups = channels;
            if (kernel == 1 || channels == 1)
                return null;
        }
        else if (isGrouped)
        {
            groups = Pick(ref random, GroupCounts);
            // As in most networks.
            if (random.NextInt(4) > 0)
                filters = channels;
            if (channels % groups != 0 || filters % groups != 0 || channels == groups)
                return null;
        }
        int outputSide = (side + 2 * padding - kernel) / stride + 1;
        long inputs = (long)batch * side * side * channels;
        long outputs = (long)batch * outputSide * outputSide * filters;
        if (side + 2 * padding < kernel || Math.Max(inputs, outputs) > MaxFloats)
            return null;
        Shape input = new(batch, side, side, channels);
        ConvolutionGeometry g = new(
            input,
            filters,
            kernel,
            (Size2)stride,
            padding: Padding.All(padding),
            groups: groups
        );
        return g.MultiplyAdds is >= MinMultiplyAdds and <= MaxMultiplyAdds ? g : null;
    }

    private static int Channels(ref RandomStream random) =>
        random.NextInt(10) switch
        {
            0 => 1 + random.NextInt(1024),
            < 3 => Pick(ref random, OtherChannels),
            _ => 8 << random.NextInt(8),
        };

    private static int Pick(ref RandomStream random, int[] values) => values[random.NextInt(values.Length)];
}

using NativeCnn.Backends.Operations;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// An algorithm that can compute a pass of a convolution, and how long a core would take by the cost model.
/// </summary>
/// <param name="Algorithm">One of <see cref="ConvolutionPlanner.Names"/>.</param>
/// <param name="Nanoseconds">The predicted time on one core of the machine that the model was fitted on.</param>
/// <param name="Create">Makes the algorithm and requires the scratch memory that it needs.</param>
internal sealed record ConvolutionCandidate(
    string Algorithm,
    double Nanoseconds,
    Func<WorkerPool, Scratch, ConvolutionAlgorithm> Create
);

/// <summary>The algorithms of convolutions, and a cost model that says which of them is the fastest.</summary>
/// <remarks>
/// Only the order of the predicted times matters. The constants were fitted on one AVX-512 core (Zen 4, 118 GFLOP/s), to
/// the times of random layers (`bench regret`); docs/performance.md says how far the choices are from the best.
/// </remarks>
internal static class ConvolutionPlanner
{
    /// <summary>Products of COL or, in backward-data, also into COL: any convolution.</summary>
    public const string Im2Col = "im2col";

    /// <summary>Sums in registers over pixels where they lie: any convolution.</summary>
    public const string Direct = "direct";

    /// <summary>
    /// Products of COL in blocks, by filters packed once: any convolution, but backward-data at stride 1.
    /// </summary>
    public const string Blocked = "blocked";

    /// <summary>Sums in registers with the channels as lanes: one channel and one filter per group.</summary>
    public const string Depthwise = "depthwise";

    /// <summary>Sums in registers with the channels of several groups as lanes: groups of 2 to 32 channels.</summary>
    public const string Grouped = "grouped";

    /// <summary>Winograd's F(4×4,3×3) and F(4×4,5×5).</summary>
    public const string Winograd4 = "winograd4";

    /// <summary>Winograd's F(2×2,3×3) and F(2×2,5×5).</summary>
    public const string Winograd2 = "winograd2";

    /// <summary>
    /// What each algorithm is called, in all three passes: where it is forced, reported
    /// (<see cref="Kernel.Algorithm"/>), kept as a measured choice and documented.
    /// </summary>
    public static IReadOnlyList<string> Names { get; } =
    [Im2Col, Direct, Blocked, Depthwise, Grouped, Winograd4, Winograd2];

    // Nanoseconds per multiply-add of the kernels at their best, by pass where they differ.
    private const double DirectMultiplyAdd = 1 / 53.0;
    private const double DirectFilterMultiplyAdd = 1 / 60.0;
    private const double WinogradMultiplyAdd = 1 / 43.0;
    private const double WinogradFilterMultiplyAdd = 1 / 36.0;

    // sgemm computes 16 columns at a time, and what is left over with shorter vectors.
    private const double SgemmMultiplyAdd = 1 / 41.0;
    private const double SgemmLastMultiplyAdd = 1 / 28.0;

    // Floats of a core's own cache and of the shared one, which hold 1 and 16 MB: nanoseconds per float of what does not
    // fit, the more the more often the algorithm goes over it.
    private const double OwnCache = 1 << 18;
    private const double SharedCache = 1 << 22;
    private const double DirectMemory = 0.21;
    private const double DirectFilterMemory = 0.32;
    private const double SgemmMemory = 0.48;
    private const double WinogradMemory = 0.6;

    // Nanoseconds per float that the transforms write; tiles of 36 or 64 points take more additions, and the few
    // channels of a group fill neither vectors nor lines.
    private const double Transform = 0.125;
    private const double LargeTransform = 0.05;
    private const double GroupTransform = 0.2;
    private const double FilterGradientInputTransform = 0.19;
    private const double FilterGradientOutputTransform = 0.11;
    private const double FilterGradientLargeTransform = 0.13;
    private const double FilterGradientGroupTransform = 0.35;

    // Transformed filters are read by every chunk of tiles: more than 2 MB of them, and more than 8. dU is written and
    // read where it is not summed block by block.
    private const double ManyFilters = 1 << 19;
    private const double MostFilters = 1 << 21;
    private const double FarFilter = 0.9;
    private const double FarthestFilter = 1;
    private const double FarFilterGradient = 0.6;

    // Nanoseconds per float that is written as a column of COL, and per run of them that is copied.
    private const double ColumnWrite = 0.1;
    private const double ColumnRun = 5.3;

    // Nanoseconds per float that is packed, flipped or written as a result.
    private const double SgemmResult = 0.12;
    private const double SgemmPacked = 0.033;
    private const double SgemmFlipped = 1;
    private const double SgemmRowsPerPacking = 700;
    private const double DirectResult = 0.09;
    private const double DirectStridedResult = 0.15;

    // Backward-filter begins anew with every output row, and few taps do not fill its blocks.
    private const double DirectFilterRow = 1.2;
    private const double DirectFilterTap = 0.25;

    // Of the few channels of a group each tap is found for few products; each group is a run of the threads, or several.
    private const double DirectGroupTap = 0.04;
    private const double DirectGroupStridedTap = 0.2;
    private const double DirectGroupResult = 0.4;
    private const double DirectGroup = 1000;
    private const double WinogradGroup = 2000;

    // Along rows with a stride fewer products share what they read.
    private const double DepthwiseMultiplyAdd = 1 / 24.0;
    private const double DepthwiseStridedMultiplyAdd = 1 / 13.0;
    private const double DepthwiseStridedDataMultiplyAdd = 1 / 9.0;
    private const double DepthwiseMemory = 0.05;
    private const double GroupedMultiplyAdd = 1 / 43.0;
    private const double GroupedStridedMultiplyAdd = 1 / 30.0;
    private const double GroupedStridedFilterMultiplyAdd = 1 / 24.0;
    private const double GroupedMemory = 0.46;
    private const double GroupedPacked = 1.8;

    private const double Panel = 16;

    // To few outputs the direct kernel's lanes are taps: nanoseconds per vector of them and output, and per pixel.
    private const int NarrowOutputs = 4;
    private const int LeastNarrowRun = 12;
    private const int MostNarrowVectors = 64;
    private const double NarrowVector = 0.6;
    private const double NarrowPixel = 4;

    // Filters to panels, and a gradient in panels back.
    private const double PackPanel = 0.3;

    // Pixels whose distance is a multiple of this many floats want one place of a core's first cache, in which a block
    // of them does not fit.
    private const int CachePlaces = 1024;
    private const double DirectSharedPlaces = 1.4;

    // A product in blocks copies its rows, and adds each part of its sums to the result. A row of patches is written a
    // kernel row at a time, however short that is, and fewer filters than some take a gradient as long.
    private const double BlockedMultiplyAdd = 1 / 56.0;
    private const double BlockedCopy = 0.1;
    private const double BlockedSum = 0.1;
    private const double BlockedTaps = 256;
    private const double BlockedPixels = 192;
    private const double BlockedFilters = 8;
    private const double BlockedKernelRow = 2;
    private const double RunOfThreads = 3000;

    /// <summary>Every algorithm that can compute the pass, the fastest by the model first.</summary>
    /// <param name="geometry">The forward convolution's sizes.</param>
    /// <param name="pass">Which pass.</param>
    /// <param name="exact">
    /// Whether only algorithms count that add the same products as the definition: no Winograd.
    /// </param>
    public static IReadOnlyList<ConvolutionCandidate> Candidates(
        ConvolutionGeometry geometry,
        ConvolutionPass pass,
        bool exact
    )
    {
        var candidates = new List<ConvolutionCandidate> { ByIm2Col(geometry, pass), ByDirect(geometry, pass) };
        if (BlockedForward.CanCompute(geometry, pass == ConvolutionPass.BackwardData))
            candidates.Add(ByBlocked(geometry, pass));
        if (DepthwiseForward.CanCompute(geometry))
            candidates.Add(ByDepthwise(geometry, pass));
        if (GroupedForward.CanCompute(geometry))
            candidates.Add(ByGrouped(geometry, pass));
        if (!exact)
        {
            AddWinograd(candidates, geometry, pass, smallTiles: false);
            AddWinograd(candidates, geometry, pass, smallTiles: true);
        }
        return [.. candidates.OrderBy(candidate => candidate.Nanoseconds)];
    }

    private static ConvolutionCandidate ByIm2Col(ConvolutionGeometry g, ConvolutionPass pass)
    {
        bool flipped = UsesFlippedFilters(g);
        double area = g.KernelHeight * g.KernelWidth;
        // A group's product.
        (double rows, double columns, double depth) = pass switch
        {
            ConvolutionPass.Forward => (g.OutputPixels, g.FiltersPerGroup, g.Taps),
            ConvolutionPass.BackwardData when flipped => (
                g.Input.PixelCount,
                g.ChannelsPerGroup,
                area * g.FiltersPerGroup
            ),
            ConvolutionPass.BackwardData => (g.OutputPixels, g.Taps, g.FiltersPerGroup),
            _ => (g.FiltersPerGroup, g.Taps, (double)g.OutputPixels),
        };
        double written =
            g.IsPointwise ? 0
            : pass == ConvolutionPass.BackwardData && flipped ? rows * depth
            : (double)g.OutputPixels * g.Taps;
        // The pixels of a kernel's row lie side by side if there are no groups between them.
        double runs = g.IsPointwise
            ? 0
            : (double)(flipped && pass == ConvolutionPass.BackwardData ? g.Input.PixelCount : g.OutputPixels)
                * g.KernelHeight
                * (g.Groups > 1 ? g.KernelWidth : 1);
        double product = rows * depth * SgemmColumns(columns);
        // Filter gradients are summed where they lie.
        if (pass == ConvolutionPass.BackwardFilter)
            product += columns * depth * SgemmPacked;
        else
            product +=
                rows * columns * SgemmResult + columns * depth * Math.Ceiling(rows / SgemmRowsPerPacking) * SgemmPacked;
        double flipping = pass == ConvolutionPass.BackwardData && flipped ? g.FilterShape.Count * SgemmFlipped : 0;
        return new ConvolutionCandidate(
            Im2Col,
            g.Groups * (written * ColumnWrite + runs * ColumnRun + product)
                + flipping
                + Beyond(SharedCache, Maps(g)) * SgemmMemory,
            (pool, scratch) =>
                pass switch
                {
                    ConvolutionPass.Forward => new Im2ColForward(g, pool, scratch),
                    ConvolutionPass.BackwardFilter => new Im2ColBackwardFilter(g, pool, scratch),
                    _ when flipped => new Im2ColBackwardData(g, pool, scratch),
                    _ => new Col2ImBackwardData(g, pool, scratch),
                }
        );
    }

    // Nanoseconds of one row and one step of the sums. Of the last columns sgemm computes 8, then 4, 2 and 1.
    private static double SgemmColumns(double columns)
    {
        double last = columns % Panel;
        if (last is not (1 or 2 or 8))
            last = Math.Ceiling(last / 4) * 4;
        return Math.Floor(columns / Panel) * Panel * SgemmMultiplyAdd + last * SgemmLastMultiplyAdd;
    }

    private static ConvolutionCandidate ByDirect(ConvolutionGeometry g, ConvolutionPass pass)
    {
        bool backwardData = pass == ConvolutionPass.BackwardData;
        int outputs = backwardData ? g.ChannelsPerGroup : g.FiltersPerGroup;
        int inputs = backwardData ? g.FiltersPerGroup : g.ChannelsPerGroup;
        double padded = Math.Ceiling(outputs / Panel) * Panel / outputs;
        double packed = g.FilterShape.Count * padded;
        double packing = packed * PackPanel;
        // Backward-data meets every tap at every input pixel, those outside the output too.
        double products =
            padded
            * (
                backwardData
                    ? (double)g.Input.PixelCount * g.FilterShape.Count / (g.StrideY * g.StrideX)
                    : g.MultiplyAdds
            );
        if (DistanceOfPixels(g, pass) % CachePlaces == 0 && pass != ConvolutionPass.BackwardFilter)
            products *= DirectSharedPlaces;
        double far = Beyond(SharedCache, Maps(g));
        double nanoseconds = pass switch
        {
            ConvolutionPass.Forward => products * DirectMultiplyAdd
                + g.Output.Count * padded * DirectResult
                + far * DirectMemory,
            ConvolutionPass.BackwardData => products * DirectMultiplyAdd
                + g.Input.Count * padded * (g.StrideY * g.StrideX > 1 ? DirectStridedResult : DirectResult)
                + far * DirectMemory,
            _ => products * (DirectFilterMultiplyAdd + DirectFilterTap / g.Taps)
                + (double)g.BatchSize * g.OutputHeight * g.KernelHeight * g.Filters * padded * DirectFilterRow
                + far * DirectFilterMemory,
        };
        if (g.Groups > 1)
        {
            double results =
                pass == ConvolutionPass.BackwardFilter ? 0 : (backwardData ? g.Input.Count : g.Output.Count) * padded;
            double perTap = g.StrideX > 1 ? DirectGroupStridedTap : DirectGroupTap;
            nanoseconds += products * perTap / inputs + results * DirectGroupResult + g.Groups * DirectGroup;
        }
        return new ConvolutionCandidate(
            Direct,
            (NarrowNanoseconds(g, pass, inputs, outputs) ?? nanoseconds) + packing,
            pass == ConvolutionPass.BackwardFilter
                ? (pool, scratch) => new DirectBackwardFilter(g, pool, scratch)
                : (pool, scratch) => new DirectForward(g, backwardData, pool, scratch)
        );
    }

    // Null where the direct kernel's lanes are outputs.
    private static double? NarrowNanoseconds(ConvolutionGeometry g, ConvolutionPass pass, int inputs, int outputs)
    {
        if (pass == ConvolutionPass.BackwardFilter || g.Groups > 1 || outputs > NarrowOutputs)
            return null;
        bool backwardData = pass == ConvolutionPass.BackwardData;
        // The taps of a kernel row lie side by side, or each tap's channels do.
        bool wholeRows = g.DilationX == 1 && (g.StrideX == 1 || !backwardData);
        int run = wholeRows ? g.KernelWidth * inputs : inputs;
        double vectors = g.KernelHeight * (wholeRows ? 1 : g.KernelWidth) * Math.Ceiling(run / Panel);
        if (run < LeastNarrowRun || vectors > MostNarrowVectors)
            return null;
        // Of a stride's backward-data each input pixel meets its share of the taps.
        double met = backwardData ? vectors / (g.StrideY * g.StrideX) : vectors;
        double pixels = backwardData ? g.Input.PixelCount : g.OutputPixels;
        return pixels * (met * outputs * NarrowVector + NarrowPixel);
    }

    private static ConvolutionCandidate ByBlocked(ConvolutionGeometry g, ConvolutionPass pass)
    {
        bool backwardData = pass == ConvolutionPass.BackwardData;
        ConvolutionGeometry computed = backwardData ? g.BackwardData() : g;
        double pixels = computed.OutputPixels;
        double taps = computed.Taps;
        double filters = computed.FiltersPerGroup;
        // What the vectors hold is filled up; the sum over the rest joins the result part by part.
        double parts;
        if (pass == ConvolutionPass.BackwardFilter)
        {
            taps = Math.Ceiling(taps / (2 * Panel)) * 2 * Panel;
            filters = Math.Max(filters, BlockedFilters);
            parts = filters * taps * Math.Ceiling(pixels / BlockedPixels);
        }
        else
        {
            filters = Math.Ceiling(filters / Panel) * Panel;
            parts = pixels * filters * Math.Ceiling(taps / BlockedTaps);
        }
        double column = ColumnWrite + BlockedKernelRow / (g.KernelWidth * computed.ChannelsPerGroup);
        double perGroup =
            pixels * taps * (filters * BlockedMultiplyAdd + BlockedCopy + (g.IsPointwise ? 0 : column))
            + parts * BlockedSum
            + (pass == ConvolutionPass.BackwardFilter ? 0 : filters * taps * PackPanel)
            + (g.Groups > 1 ? RunOfThreads : 0);
        return new ConvolutionCandidate(
            Blocked,
            perGroup * g.Groups,
            pass == ConvolutionPass.BackwardFilter
                ? (pool, scratch) => new BlockedBackwardFilter(g, pool, scratch)
                : (pool, scratch) => new BlockedForward(g, backwardData, pool, scratch)
        );
    }

    private static ConvolutionCandidate ByDepthwise(ConvolutionGeometry g, ConvolutionPass pass)
    {
        double perProduct =
            g.StrideX == 1 ? DepthwiseMultiplyAdd
            : pass == ConvolutionPass.BackwardData ? DepthwiseStridedDataMultiplyAdd
            : DepthwiseStridedMultiplyAdd;
        double products = g.OutputPixels * Math.Ceiling(g.Channels / Panel) * Panel * g.Taps;
        return new ConvolutionCandidate(
            Depthwise,
            products * perProduct + Maps(g) * DepthwiseMemory,
            pass == ConvolutionPass.BackwardFilter
                ? (pool, scratch) => new DepthwiseBackwardFilter(g, pool, scratch)
                : (pool, scratch) => new DepthwiseForward(g, pass == ConvolutionPass.BackwardData, pool, scratch)
        );
    }

    private static ConvolutionCandidate ByGrouped(ConvolutionGeometry g, ConvolutionPass pass)
    {
        double perProduct =
            g.StrideX == 1 ? GroupedMultiplyAdd
            : pass == ConvolutionPass.BackwardFilter ? GroupedStridedFilterMultiplyAdd
            : GroupedStridedMultiplyAdd;
        return new ConvolutionCandidate(
            Grouped,
            g.MultiplyAdds * perProduct
                + g.FilterShape.Count * GroupedPacked
                + Beyond(SharedCache, Maps(g)) * GroupedMemory,
            pass == ConvolutionPass.BackwardFilter
                ? (pool, scratch) => new GroupedBackwardFilter(g, pool, scratch)
                : (pool, scratch) => new GroupedForward(g, pass == ConvolutionPass.BackwardData, pool, scratch)
        );
    }

    private static void AddWinograd(
        List<ConvolutionCandidate> candidates,
        ConvolutionGeometry g,
        ConvolutionPass pass,
        bool smallTiles
    )
    {
        if (WinogradTiling.KindFor(g, smallTiles) is not { } kind)
            return;
        bool backwardData = pass == ConvolutionPass.BackwardData;
        bool adjoint = backwardData && HasWideBorder(g);
        ConvolutionGeometry computed = backwardData ? g.BackwardData() : g;
        int size = WinogradTiling.SizeOf(kind);
        double points = WinogradTiling.PointsOf(kind);
        (int height, int width) = adjoint
            ? (g.OutputHeight, g.OutputWidth)
            : (computed.OutputHeight, computed.OutputWidth);
        // A map smaller than a tile is computed as a whole tile: most of its products are thrown away.
        if (height < size || width < size)
            return;
        double tiles = (double)g.BatchSize * ((height + size - 1) / size) * ((width + size - 1) / size);
        // Rows of a product are computed as they are, columns in whole panels; transforms write whole panels.
        double channels = computed.ChannelsPerGroup;
        double filters = computed.FiltersPerGroup;
        double channelPanels = Math.Ceiling(channels / Panel) * Panel;
        double filterPanels = Math.Ceiling(filters / Panel) * Panel;
        double large = smallTiles ? 0 : 1;
        double grouped = g.Groups > 1 ? Panel : 0;
        double perPoint =
            pass == ConvolutionPass.BackwardFilter
                ? tiles * channelPanels * filters * WinogradFilterMultiplyAdd
                    + tiles * channelPanels * (FilterGradientInputTransform + large * FilterGradientLargeTransform)
                    + tiles * filterPanels * (FilterGradientOutputTransform + large * FilterGradientLargeTransform)
                    + tiles * grouped * FilterGradientGroupTransform
                : tiles * channels * filterPanels * WinogradMultiplyAdd
                    + tiles * (channelPanels + filterPanels) * (Transform + large * LargeTransform)
                    + tiles * grouped * GroupTransform;
        double transformed = points * channels * filterPanels;
        double farFilters =
            pass == ConvolutionPass.BackwardFilter
                ? (
                    WinogradBackwardFilter.SumsByBlocks(g, tiles)
                        ? 0
                        : Beyond(OwnCache, transformed) * FarFilterGradient
                )
                : Beyond(ManyFilters, transformed) * FarFilter + Beyond(MostFilters, transformed) * FarthestFilter;
        double perGroup = points * perPoint + farFilters + (g.Groups > 1 ? WinogradGroup : 0);
        candidates.Add(
            new ConvolutionCandidate(
                smallTiles ? Winograd2 : Winograd4,
                perGroup * g.Groups + Beyond(SharedCache, Maps(g)) * WinogradMemory,
                (pool, scratch) =>
                    pass switch
                    {
                        ConvolutionPass.BackwardFilter => new WinogradBackwardFilter(kind, g, pool, scratch),
                        _ when adjoint => new WinogradAdjoint(kind, g, pool, scratch),
                        _ => new WinogradForward(kind, g, backwardData, pool, scratch),
                    }
            )
        );
    }

    // Floats of the input and of the output.
    private static double Maps(in ConvolutionGeometry g) => (double)g.Input.Count + g.Output.Count;

    // What of so many floats does not fit a cache.
    private static double Beyond(double cache, double floats) => Math.Max(0, floats - cache);

    // Flipped filters compute as many products as there are input pixels; what scatters, as many as there are output
    // pixels, but with additions in memory: worth it where the border makes the input much the larger.
    private static bool HasWideBorder(in ConvolutionGeometry g) => g.Input.PixelCount * 5L > g.OutputPixels * 7L;

    private static bool UsesFlippedFilters(in ConvolutionGeometry g) =>
        g is { StrideY: 1, StrideX: 1 } && !HasWideBorder(g);

    // From one pixel of a block to the next where they are read, in floats.
    private static int DistanceOfPixels(in ConvolutionGeometry g, ConvolutionPass pass) =>
        pass == ConvolutionPass.BackwardData ? g.Filters : g.Channels * g.StrideX;
}

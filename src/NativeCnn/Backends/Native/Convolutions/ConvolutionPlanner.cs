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
/// Only the order of the predicted times matters. The constants were fitted on one AVX-512 core of 140 GFLOP/s;
/// docs/performance.md has the measurements and how far the choices are from the best.
/// </remarks>
internal static class ConvolutionPlanner
{
    /// <summary>Products of COL or, in backward-data, also into COL: any convolution.</summary>
    public const string Im2Col = "im2col";

    /// <summary>Sums in registers over pixels where they lie: any convolution.</summary>
    public const string Direct = "direct";

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
    public static IReadOnlyList<string> Names { get; } = [Im2Col, Direct, Depthwise, Grouped, Winograd4, Winograd2];

    // Nanoseconds per multiply-add of the kernels at their best, and of sgemm on tiles.
    private const double DirectMultiplyAdd = 1 / 58.0;
    private const double WinogradMultiplyAdd = 1 / 52.0;
    private const double SgemmMultiplyAdd = 1 / 42.0;

    // Nanoseconds per float written by the transforms.
    private const double InputTransform = 0.32;
    private const double OutputTransform = 0.27;
    private const double FilterTransform = 1.1;
    private const double FilterGradientTransform = 0.5;
    private const double ColumnWrite = 0.2;

    // A depthwise convolution has so few products that reading and writing a float counts beside them.
    private const double DepthwiseMultiplyAdd = 1 / 36.0;
    private const double DepthwiseFloat = 0.08;

    // Along rows with a stride fewer products share what they read.
    private const double GroupedMultiplyAdd = 1 / 46.0;
    private const double GroupedStridedMultiplyAdd = 1 / 36.0;
    private const double GroupedGradient = 1.2;

    // To few outputs the direct kernel's lanes are taps: nanoseconds per vector of them and output, and per pixel.
    private const int NarrowOutputs = 4;
    private const int LeastNarrowRun = 12;
    private const int MostNarrowVectors = 64;
    private const double NarrowVector = 0.6;
    private const double NarrowPixel = 4;

    private const double PackFilter = 3;
    private const double Panel = 16;

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
        double columns =
            g.IsPointwise ? 0
            : pass == ConvolutionPass.BackwardData && flipped
                ? (double)g.Input.PixelCount * g.KernelHeight * g.KernelWidth * g.FiltersPerGroup * g.Groups
            : (double)g.OutputPixels * g.Taps * g.Groups;
        double products =
            pass == ConvolutionPass.BackwardData && flipped
                ? (double)g.Input.PixelCount * g.KernelHeight * g.KernelWidth * g.FiltersPerGroup * g.Channels
                : g.MultiplyAdds;
        double scatter = pass == ConvolutionPass.BackwardData && !flipped ? columns * ColumnWrite : 0;
        // A group's product is small: its call costs more than its work.
        double calls = g.Groups > 1 ? g.Groups * 2000.0 * Math.Max(1, g.OutputPixels / 512.0) : 0;
        // Few filters: sgemm packs as much for few products. A filter gradient has more pixels than that costs.
        double narrow = Math.Max(1, 32.0 / Math.Min(g.FiltersPerGroup, g.Taps));
        if (pass == ConvolutionPass.BackwardFilter)
            narrow = Math.Min(narrow, 4);
        return new ConvolutionCandidate(
            Im2Col,
            columns * ColumnWrite + scatter + products * SgemmMultiplyAdd * narrow + calls,
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

    private static ConvolutionCandidate ByDirect(ConvolutionGeometry g, ConvolutionPass pass)
    {
        int outputs = pass == ConvolutionPass.BackwardData ? g.ChannelsPerGroup : g.FiltersPerGroup;
        int inputs = pass == ConvolutionPass.BackwardData ? g.FiltersPerGroup : g.ChannelsPerGroup;
        double padded = Math.Ceiling(outputs / Panel) * Panel / outputs;
        // Each tap of a pixel is found through a pointer, which few channels do not pay for; of groups each place of the
        // kernel is, and each group is a run of the threads.
        double pointers = 1 + (g.Groups > 1 ? 14.0 : 0.7) / inputs;
        double packing = (double)g.FilterShape.Count * padded * PackFilter;
        // Backward-data meets every tap at every input pixel, those outside the output too.
        double products =
            pass == ConvolutionPass.BackwardData
                ? (double)g.Input.PixelCount * g.FilterShape.Count / (g.StrideY * g.StrideX)
                : g.MultiplyAdds;
        return new ConvolutionCandidate(
            Direct,
            (NarrowNanoseconds(g, pass, inputs, outputs) ?? products * padded * pointers * DirectMultiplyAdd) + packing,
            pass == ConvolutionPass.BackwardFilter
                ? (pool, scratch) => new DirectBackwardFilter(g, pool, scratch)
                : (pool, scratch) => new DirectForward(g, pass == ConvolutionPass.BackwardData, pool, scratch)
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

    private static ConvolutionCandidate ByDepthwise(ConvolutionGeometry g, ConvolutionPass pass)
    {
        double products = g.OutputPixels * Math.Ceiling(g.Channels / Panel) * Panel * g.Taps;
        double moved = (double)g.Input.Count + g.Output.Count;
        return new ConvolutionCandidate(
            Depthwise,
            products * DepthwiseMultiplyAdd + moved * DepthwiseFloat + g.FilterShape.Count * PackFilter,
            pass == ConvolutionPass.BackwardFilter
                ? (pool, scratch) => new DepthwiseBackwardFilter(g, pool, scratch)
                : (pool, scratch) => new DepthwiseForward(g, pass == ConvolutionPass.BackwardData, pool, scratch)
        );
    }

    private static ConvolutionCandidate ByGrouped(ConvolutionGeometry g, ConvolutionPass pass)
    {
        double products = g.MultiplyAdds * (g.StrideX > 1 ? GroupedStridedMultiplyAdd : GroupedMultiplyAdd);
        if (pass == ConvolutionPass.BackwardFilter)
            products *= GroupedGradient;
        double moved = (double)g.Input.Count + g.Output.Count;
        return new ConvolutionCandidate(
            Grouped,
            products + moved * DepthwiseFloat + g.FilterShape.Count * PackFilter,
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
        // Rows of a product are computed as they are, columns in whole panels.
        double channels = computed.ChannelsPerGroup;
        double filters = Math.Ceiling(computed.FiltersPerGroup / Panel) * Panel;
        double transform = pass == ConvolutionPass.BackwardFilter ? FilterGradientTransform : FilterTransform;
        double perGroup =
            points * tiles * channels * filters * WinogradMultiplyAdd
            + points * tiles * (channels * InputTransform + filters * OutputTransform)
            + points * channels * filters * transform;
        candidates.Add(
            new ConvolutionCandidate(
                smallTiles ? Winograd2 : Winograd4,
                perGroup * g.Groups,
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

    // Flipped filters compute as many products as there are input pixels; what scatters, as many as there are output
    // pixels, but with additions in memory: worth it where the border makes the input much the larger.
    private static bool HasWideBorder(in ConvolutionGeometry g) => g.Input.PixelCount * 5L > g.OutputPixels * 7L;

    private static bool UsesFlippedFilters(in ConvolutionGeometry g) =>
        g is { StrideY: 1, StrideX: 1 } && !HasWideBorder(g);
}

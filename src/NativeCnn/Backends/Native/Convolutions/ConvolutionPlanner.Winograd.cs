using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native.Convolutions;

// What Winograd's algorithms take.
internal static partial class ConvolutionPlanner
{
    // Nanoseconds per multiply-add of the products.
    private const double WinogradMultiplyAdd = 1 / 43.0;
    private const double WinogradFilterMultiplyAdd = 1 / 36.0;

    // Per float of what the shared cache does not hold; each group is a run of the threads, or several.
    private const double WinogradMemory = 0.6;
    private const double WinogradGroup = 2000;

    // Per float that the transforms write; tiles of 36 or 64 points take more additions, and the few channels of a group
    // fill neither vectors nor lines.
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
}

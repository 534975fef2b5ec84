using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native.Convolutions;

// What products of COL take, by sgemm and by our own.
internal static partial class ConvolutionPlanner
{
    // Nanoseconds per multiply-add; sgemm computes 16 columns at a time, and what is left over with shorter vectors.
    private const double SgemmMultiplyAdd = 1 / 41.0;
    private const double SgemmLastMultiplyAdd = 1 / 28.0;

    // Per float of what the shared cache does not hold, of a result, of what is packed and flipped.
    private const double SgemmMemory = 0.48;
    private const double SgemmResult = 0.12;
    private const double SgemmPacked = 0.033;
    private const double SgemmFlipped = 1;
    private const double SgemmRowsPerPacking = 700;

    // Per float that is written as a column of COL, and per run of them that is copied.
    private const double ColumnWrite = 0.1;
    private const double ColumnRun = 5.3;

    // A product in blocks copies its rows, and adds each part of its sums to the result. A row of patches is written a
    // kernel row at a time, however short that is, and fewer filters than some take a gradient as long.
    private const double BlockedMultiplyAdd = 1 / 56.0;
    private const double BlockedCopy = 0.1;
    private const double BlockedSum = 0.1;
    private const double BlockedTaps = 256;
    private const double BlockedPixels = 192;
    private const double BlockedFilters = 8;
    private const double BlockedKernelRow = 2;
    private const double BlockedMemory = 0.3;
    private const double RunOfThreads = 3000;

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
            perGroup * g.Groups + Beyond(SharedCache, Maps(g)) * BlockedMemory,
            pass == ConvolutionPass.BackwardFilter
                ? (pool, scratch) => new BlockedBackwardFilter(g, pool, scratch)
                : (pool, scratch) => new BlockedForward(g, backwardData, pool, scratch)
        );
    }

    private static bool UsesFlippedFilters(in ConvolutionGeometry g) =>
        g is { StrideY: 1, StrideX: 1 } && !HasWideBorder(g);
}

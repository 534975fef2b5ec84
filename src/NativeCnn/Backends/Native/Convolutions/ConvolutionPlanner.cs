using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>An algorithm that can compute a pass of a convolution, and how long a core would take by the cost model.</summary>
/// <param name="Name">What the documentation calls the algorithm, and users name it by.</param>
/// <param name="Nanoseconds">The predicted time on one core of the machine that the model was fitted on.</param>
/// <param name="Create">Prepares the algorithm.</param>
internal sealed record ConvolutionCandidate(string Name, double Nanoseconds, Func<IConvolutionAlgorithm> Create);

/// <summary>Lists the algorithms that can compute a pass of a convolution and picks one by a cost model.</summary>
/// <remarks>
/// Only the order of the predicted times matters. The constants were fitted on one AVX-512 core of 140 GFLOP/s; docs/performance.md
/// has the measurements and how far the choices are from the best.
/// </remarks>
internal sealed class ConvolutionPlanner(WorkerPool pool, Workspace workspace)
{
    /// <summary>The names by which an algorithm can be forced.</summary>
    public static IReadOnlyList<string> Names { get; } = ["im2col", "direct", "depthwise", "winograd4", "winograd2"];

    // Nanoseconds per multiply-add of the kernels at their best, and of sgemm on tiles.
    private const double DirectMultiplyAdd = 1 / 58.0;
    private const double WinogradMultiplyAdd = 1 / 52.0;
    private const double SgemmMultiplyAdd = 1 / 42.0;

    // Nanoseconds per float written by the transforms.
    private const double InputTransform = 0.32;
    private const double OutputTransform = 0.27;
    private const double FilterTransform = 1.1;
    private const double Im2Col = 0.2;

    // A depthwise convolution has so few products that reading and writing a float counts beside them.
    private const double DepthwiseMultiplyAdd = 1 / 18.0;
    private const double DepthwiseFloat = 0.08;

    private const double PackFilter = 3;
    private const double Panel = 16;

    /// <summary>Every algorithm that can compute the pass, the fastest by the model first.</summary>
    /// <param name="geometry">The forward convolution's sizes.</param>
    /// <param name="pass">Which pass.</param>
    /// <param name="exact">Whether only algorithms count that add the same products as the definition: no Winograd.</param>
    public IReadOnlyList<ConvolutionCandidate> Candidates(
        ConvolutionGeometry geometry,
        ConvolutionPass pass,
        bool exact
    )
    {
        var candidates = new List<ConvolutionCandidate> { Product(geometry, pass), Direct(geometry, pass) };
        if (DepthwiseForward.CanCompute(geometry))
            candidates.Add(Depthwise(geometry, pass));
        if (!exact)
        {
            AddWinograd(candidates, geometry, pass, smallTiles: false);
            AddWinograd(candidates, geometry, pass, smallTiles: true);
        }
        return [.. candidates.OrderBy(candidate => candidate.Nanoseconds)];
    }

    private ConvolutionCandidate Product(ConvolutionGeometry g, ConvolutionPass pass)
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
        double scatter = pass == ConvolutionPass.BackwardData && !flipped ? columns * Im2Col : 0;
        // A group's product is small: its call costs more than its work.
        double calls = g.Groups > 1 ? g.Groups * 2000.0 * Math.Max(1, g.OutputPixels / 512.0) : 0;
        double narrow = Math.Max(1, 32.0 / Math.Min(g.FiltersPerGroup, g.Taps));
        return new ConvolutionCandidate(
            "im2col",
            columns * Im2Col + scatter + products * SgemmMultiplyAdd * narrow + calls,
            () =>
                pass switch
                {
                    ConvolutionPass.Forward => new TiledProductForward(g, pool, workspace),
                    ConvolutionPass.BackwardFilter => new TiledProductBackwardFilter(g, pool, workspace),
                    _ when flipped => new FlippedBackwardData(g, pool, workspace),
                    _ => new ScatterBackwardData(g, pool, workspace),
                }
        );
    }

    private ConvolutionCandidate Direct(ConvolutionGeometry g, ConvolutionPass pass)
    {
        int outputs = pass == ConvolutionPass.BackwardData ? g.ChannelsPerGroup : g.FiltersPerGroup;
        int inputs = pass == ConvolutionPass.BackwardData ? g.FiltersPerGroup : g.ChannelsPerGroup;
        double padded = Math.Ceiling(outputs / Panel) * Panel / outputs;
        // Each tap of a pixel is found through a pointer, which few channels do not pay for.
        double pointers = 1 + 0.7 / inputs;
        double packing = (double)g.FilterShape.Count * padded * PackFilter;
        // Backward-data meets every tap at every input pixel, those outside the output too.
        double products =
            pass == ConvolutionPass.BackwardData
                ? (double)g.Input.PixelCount * g.FilterShape.Count / (g.StrideY * g.StrideX)
                : g.MultiplyAdds;
        return new ConvolutionCandidate(
            "direct",
            products * padded * pointers * DirectMultiplyAdd + packing,
            pass == ConvolutionPass.BackwardFilter
                ? () => new DirectBackwardFilter(g, pool, workspace)
                : () => new DirectForward(g, pass == ConvolutionPass.BackwardData, pool, workspace)
        );
    }

    private ConvolutionCandidate Depthwise(ConvolutionGeometry g, ConvolutionPass pass)
    {
        double products = g.OutputPixels * Math.Ceiling(g.Channels / Panel) * Panel * g.Taps;
        double moved = (double)g.Input.Count + g.Output.Count;
        return new ConvolutionCandidate(
            "depthwise",
            products * DepthwiseMultiplyAdd + moved * DepthwiseFloat + g.FilterShape.Count * PackFilter,
            pass == ConvolutionPass.BackwardFilter
                ? () => new DepthwiseBackwardFilter(g, pool, workspace)
                : () => new DepthwiseForward(g, pass == ConvolutionPass.BackwardData, pool, workspace)
        );
    }

    private void AddWinograd(
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
        double tiles = (double)g.Batch * ((height + size - 1) / size) * ((width + size - 1) / size);
        // Rows of a product are computed as they are, columns in whole panels.
        double channels = computed.ChannelsPerGroup;
        double filters = Math.Ceiling(computed.FiltersPerGroup / Panel) * Panel;
        double perGroup =
            points * tiles * channels * filters * WinogradMultiplyAdd
            + points * tiles * (channels * InputTransform + filters * OutputTransform)
            + points * channels * filters * FilterTransform;
        candidates.Add(
            new ConvolutionCandidate(
                size == 4 ? "winograd4" : "winograd2",
                perGroup * g.Groups,
                pass switch
                {
                    ConvolutionPass.BackwardFilter => () => new WinogradBackwardFilter(kind, g, pool, workspace),
                    _ when adjoint => () => new WinogradAdjoint(kind, g, pool, workspace),
                    _ => () => new WinogradForward(kind, g, backwardData, pool, workspace),
                }
            )
        );
    }

    // Flipped filters compute as many products as there are input pixels; what scatters, as many as there are output pixels, but with
    // additions in memory: worth it where the border makes the input much the larger.
    private static bool HasWideBorder(in ConvolutionGeometry g) => g.Input.PixelCount * 5L > g.OutputPixels * 7L;

    private static bool UsesFlippedFilters(in ConvolutionGeometry g) =>
        g is { StrideY: 1, StrideX: 1 } && !HasWideBorder(g);
}

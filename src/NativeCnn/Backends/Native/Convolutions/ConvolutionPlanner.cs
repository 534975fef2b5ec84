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
internal static partial class ConvolutionPlanner
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

    // Floats of a core's own cache and of the shared one, which hold 1 and 16 MB.
    private const double OwnCache = 1 << 18;
    private const double SharedCache = 1 << 22;

    // The lanes of the widest vectors; nanoseconds per float of filters that are put into panels of as many.
    private const double Panel = 16;
    private const double PackPanel = 0.3;

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

    // Floats of the input and of the output.
    private static double Maps(in ConvolutionGeometry g) => (double)g.Input.Count + g.Output.Count;

    // What of so many floats does not fit a cache.
    private static double Beyond(double cache, double floats) => Math.Max(0, floats - cache);

    // Flipped filters compute as many products as there are input pixels; what scatters, as many as there are output
    // pixels, but with additions in memory: worth it where the border makes the input much the larger.
    private static bool HasWideBorder(in ConvolutionGeometry g) => g.Input.PixelCount * 5L > g.OutputPixels * 7L;
}

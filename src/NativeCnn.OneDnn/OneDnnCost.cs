using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;

namespace NativeCnn.OneDnn;

/// <summary>How long oneDNN's convolutions take, on the scale of the planner's cost model.</summary>
/// <remarks>
/// Fitted on the same core as the planner's constants, to the times of random layers (`bench regret --backend auto`);
/// docs/performance.md says how far the choices are from the best.
/// </remarks>
internal static class OneDnnCost
{
    // Nanoseconds per multiply-add of the kernels at their best: of a kernel of one pixel, and of larger ones by pass.
    private const double PointwiseMultiplyAdd = 1 / 60.0;
    private const double LargeMultiplyAdd = 1 / 60.0;
    private const double LargeFilterMultiplyAdd = 1 / 46.0;

    // Of groups, and of groups of one channel; along rows with a stride the first are slower and the second faster, if
    // their kernels are at most 3 pixels wide.
    private const double GroupedMultiplyAdd = 1 / 57.0;
    private const double GroupedFilterMultiplyAdd = 1 / 42.0;
    private const double GroupedStridedMultiplyAdd = 1 / 28.0;
    private const double GroupedStridedDataMultiplyAdd = 1 / 45.0;
    private const double DepthwiseMultiplyAdd = 1 / 13.0;
    private const double DepthwiseFilterMultiplyAdd = 1 / 11.0;
    private const double DepthwiseStridedMultiplyAdd = 1 / 17.0;
    private const double DepthwiseStridedDataMultiplyAdd = 1 / 13.0;
    private const double LargeStridedDepthwise = 2;

    // Nanoseconds per float of the result, of both maps, and of what of these the shared cache (16 MB) does not hold.
    private const double Result = 0.036;
    private const double DataFloat = 0.037;
    private const double FilterFloat = 0.013;
    private const double FarFloat = 0.46;
    private const double FarGroupedFloat = 0.8;
    private const double OwnCache = 1 << 18;
    private const double SharedCache = 1 << 22;

    // Per float of the filters, which are copied into oneDNN's layout: of groups, and where a core's own cache (1 MB)
    // does not hold them. Their gradient is summed for each part of the batch.
    private const double GroupedReorder = 0.5;
    private const double FarForwardFilter = 1.36;
    private const double FarDataFilter = 0.9;
    private const double PartialSum = 0.35;
    private const double FarPartialSum = 1.15;

    private const int Lanes = 16;

    /// <summary>The predicted time of a pass on one core.</summary>
    /// <param name="g">The forward convolution's sizes.</param>
    /// <param name="pass">Which pass.</param>
    /// <param name="algorithm">The kernel's, such as <c>onednn jit_1x1:avx512_core</c>.</param>
    public static double Nanoseconds(in ConvolutionGeometry g, ConvolutionPass pass, string algorithm)
    {
        double maps = (double)g.Input.Count + g.Output.Count;
        double filters = g.FilterShape.Count;
        double far = Beyond(SharedCache, maps);
        bool isFilter = pass == ConvolutionPass.BackwardFilter;
        bool isData = pass == ConvolutionPass.BackwardData;
        if (algorithm.Contains("_dw", StringComparison.Ordinal))
        {
            double perProduct = isFilter ? DepthwiseFilterMultiplyAdd : DepthwiseMultiplyAdd;
            double memory = 0;
            if (g.StrideX > 1 && g.KernelWidth > 3)
            {
                perProduct *= LargeStridedDepthwise;
            }
            else if (g.StrideX > 1)
            {
                perProduct = isData ? DepthwiseStridedDataMultiplyAdd : DepthwiseStridedMultiplyAdd;
                memory = far * FarFloat;
            }
            return g.MultiplyAdds * Padded(g.Channels) * perProduct + memory;
        }
        double padded = Padded(isData ? g.ChannelsPerGroup : g.FiltersPerGroup);
        double products = g.MultiplyAdds * padded;
        if (g.Groups > 1)
        {
            double perProduct =
                g.StrideX > 1 ? (isData ? GroupedStridedDataMultiplyAdd : GroupedStridedMultiplyAdd)
                : isFilter ? GroupedFilterMultiplyAdd
                : GroupedMultiplyAdd;
            return products * perProduct + filters * GroupedReorder + far * FarGroupedFloat;
        }
        // Few channels make short loops.
        double few = g.IsPointwise ? 0 : 1.0 / g.ChannelsPerGroup;
        double farFilters = Beyond(OwnCache, filters);
        double perMultiplyAdd =
            g.IsPointwise ? PointwiseMultiplyAdd
            : isFilter ? LargeFilterMultiplyAdd
            : LargeMultiplyAdd;
        return products * perMultiplyAdd
            + far * FarFloat
            + pass switch
            {
                ConvolutionPass.Forward => products * perMultiplyAdd * few
                    + g.Output.Count * padded * Result
                    + farFilters * FarForwardFilter,
                ConvolutionPass.BackwardData => products * perMultiplyAdd * few / 2
                    + maps * DataFloat
                    + farFilters * FarDataFilter,
                _ => maps * FilterFloat
                    + new FilterGradientCut(g).Examples.Count * (filters * PartialSum + farFilters * FarPartialSum),
            };
    }

    // What of so many floats does not fit a cache.
    private static double Beyond(double cache, double floats) => Math.Max(0, floats - cache);

    // Whole vectors are computed.
    private static double Padded(int lanes) => (lanes + Lanes - 1) / Lanes * Lanes / (double)lanes;
}

using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;

namespace NativeCnn.OneDnn;

/// <summary>How long oneDNN's convolutions take, on the scale of the planner's cost model.</summary>
/// <remarks>
/// Fitted on the same core as the planner's constants, by `bench layers --all --backend native onednn`; as only the
/// order of the predictions matters, what the planner leaves out of its own direct kernels is left out here too.
/// docs/performance.md says how far the choices are from the best.
/// </remarks>
internal static class OneDnnCost
{
    // Nanoseconds per multiply-add of the kernels at their best.
    private const double ForwardMultiplyAdd = 1 / 60.0;
    private const double PointwiseMultiplyAdd = 1 / 55.0;
    private const double BackwardMultiplyAdd = 1 / 57.0;

    // A depthwise convolution has so few products that reading and writing a float counts beside them.
    private const double DepthwiseMultiplyAdd = 1 / 50.0;
    private const double DepthwiseFloat = 0.08;

    // Per float of the filters: one copy into oneDNN's layout, or of their gradient one sum for each part and two passes
    // over the whole.
    private const double FilterReorder = 0.8;
    private const double PartialSum = 0.3;
    private const double GradientReorder = 1.5;

    // Strides scatter what the lanes read, unless the channels are few.
    private const double StridedForward = 1.12;
    private const int FewChannels = 8;

    private const int Lanes = 16;

    /// <summary>The predicted time of a pass on one core.</summary>
    /// <param name="g">The forward convolution's sizes.</param>
    /// <param name="pass">Which pass.</param>
    /// <param name="algorithm">The kernel's, such as <c>onednn jit_1x1:avx512_core</c>.</param>
    public static double Nanoseconds(in ConvolutionGeometry g, ConvolutionPass pass, string algorithm)
    {
        double filters = g.FilterShape.Count;
        if (algorithm.Contains("_dw", StringComparison.Ordinal))
        {
            double moved = (double)g.Input.Count + g.Output.Count;
            return g.MultiplyAdds * DepthwiseMultiplyAdd + moved * DepthwiseFloat + filters * FilterReorder;
        }
        int lanes = pass == ConvolutionPass.BackwardData ? g.ChannelsPerGroup : g.FiltersPerGroup;
        double products = g.MultiplyAdds * Padded(lanes);
        // The first layers' few channels, whose loops are short.
        double few = 1.0 / g.ChannelsPerGroup;
        return pass switch
        {
            ConvolutionPass.Forward => products
                * (g.IsPointwise ? PointwiseMultiplyAdd : ForwardMultiplyAdd)
                * (1 + 0.8 * few)
                * (g.StrideY > 1 && g.ChannelsPerGroup > FewChannels ? StridedForward : 1)
                + filters * FilterReorder,
            ConvolutionPass.BackwardData => products * BackwardMultiplyAdd + filters * FilterReorder,
            _ => products * BackwardMultiplyAdd * (1 + 0.5 * few)
                + filters * (new FilterGradientCut(g).Examples.Count * PartialSum + GradientReorder),
        };
    }

    // Whole vectors are computed.
    private static double Padded(int lanes) => (lanes + Lanes - 1) / Lanes * Lanes / (double)lanes;
}

using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native.Convolutions;

// What the algorithms take that sum over pixels where they lie.
internal static partial class ConvolutionPlanner
{
    // Nanoseconds per multiply-add of the kernels at their best.
    private const double DirectMultiplyAdd = 1 / 53.0;
    private const double DirectFilterMultiplyAdd = 1 / 60.0;

    // Per float of what the shared cache does not hold, and of a result.
    private const double DirectMemory = 0.21;
    private const double DirectFilterMemory = 0.32;
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

    // Pixels whose distance is a multiple of this many floats want one place of a core's first cache, in which a block
    // of them does not fit.
    private const int CachePlaces = 1024;
    private const double DirectSharedPlaces = 1.4;

    // To few outputs the direct kernel's lanes are taps: nanoseconds per vector of them and output, and per pixel.
    private const int NarrowOutputs = 4;
    private const int LeastNarrowRun = 12;
    private const int MostNarrowVectors = 64;
    private const double NarrowVector = 0.6;
    private const double NarrowPixel = 4;

    // Where the lanes are channels; along rows with a stride fewer products share what they read.
    private const double DepthwiseMultiplyAdd = 1 / 24.0;
    private const double DepthwiseStridedMultiplyAdd = 1 / 13.0;
    private const double DepthwiseStridedDataMultiplyAdd = 1 / 9.0;
    private const double DepthwiseMemory = 0.05;
    private const double GroupedMultiplyAdd = 1 / 43.0;
    private const double GroupedStridedMultiplyAdd = 1 / 30.0;
    private const double GroupedStridedFilterMultiplyAdd = 1 / 24.0;
    private const double GroupedMemory = 0.46;
    private const double GroupedPacked = 1.8;

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

    // From one pixel of a block to the next where they are read, in floats.
    private static int DistanceOfPixels(in ConvolutionGeometry g, ConvolutionPass pass) =>
        pass == ConvolutionPass.BackwardData ? g.Filters : g.Channels * g.StrideX;
}

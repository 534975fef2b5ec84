using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>One pass of a convolution over some examples or some rows of one, as oneDNN describes it.</summary>
internal sealed class ConvolutionPart
{
    private readonly ConvolutionPass _pass;
    private readonly MemoryDescription _input;
    private readonly MemoryDescription? _bias;
    private readonly MemoryDescription _output;
    private readonly PrimitiveDescription _description;

    private ConvolutionPart(ConvolutionPass pass, in ConvolutionTensors tensors, PrimitiveDescription description)
    {
        _pass = pass;
        (_input, _, _bias, _output) = tensors;
        _description = description;
        Filters = description.LayoutOf(
            pass == ConvolutionPass.BackwardFilter
                ? dnnl_constant.dnnl_query_diff_weights_md
                : dnnl_constant.dnnl_query_weights_md
        );
    }

    /// <summary>The layout of the filters, or of their gradient, that oneDNN has chosen.</summary>
    public MemoryDescription Filters { get; }

    /// <summary>What computes it, such as <c>jit:avx512_core</c>.</summary>
    public string Implementation => _description.Implementation;

    /// <summary>Floats of scratch memory.</summary>
    public long ScratchFloats => _description.ScratchFloats;

    /// <summary>Describes it; null where oneDNN has nothing for it but plain loops.</summary>
    /// <param name="library">oneDNN.</param>
    /// <param name="geometry">The sizes.</param>
    /// <param name="pass">Which pass.</param>
    /// <param name="hasBias">Whether a bias is added; forward only.</param>
    /// <param name="filters">The layout of the filters; null for the one that oneDNN likes best.</param>
    public static ConvolutionPart? Describe(
        OneDnnApi library,
        in ConvolutionGeometry geometry,
        ConvolutionPass pass,
        bool hasBias,
        MemoryDescription? filters = null
    )
    {
        ConvolutionGeometry g = geometry;
        // A border that crops is not oneDNN's.
        if (Math.Min(Math.Min(g.PadTop, g.PadLeft), Math.Min(g.PadBottom, g.PadRight)) < 0)
            return null;
        var tensors = new ConvolutionTensors(
            library.Images(g.BatchSize, g.Input),
            filters ?? library.DescribeAny(FilterSizes(g)),
            hasBias ? library.Describe([g.Filters], [1]) : null,
            library.Images(g.BatchSize, g.Output)
        );
        var windows = new ConvolutionWindows(
            [g.StrideY, g.StrideX],
            [g.DilationY - 1, g.DilationX - 1],
            [g.PadTop, g.PadLeft],
            [g.PadBottom, g.PadRight]
        );
        return library.Convolution(pass, tensors, windows) is { } description
            ? new ConvolutionPart(pass, tensors, description)
            : null;
    }

    /// <summary>The layout of the engine's own filters, O×K_h×K_w×(C/groups).</summary>
    public static MemoryDescription PlainFilters(OneDnnApi library, in ConvolutionGeometry g)
    {
        long across = g.ChannelsPerGroup,
            down = g.KernelWidth * across,
            filter = g.KernelHeight * down;
        return g.Groups == 1
            ? library.Describe(FilterSizes(g), [filter, 1, down, across])
            : library.Describe(FilterSizes(g), [g.FiltersPerGroup * filter, filter, 1, down, across]);
    }

    /// <summary>
    /// Makes the primitive. What it reads comes first, then what it writes: input, filters and bias, output; output
    /// gradient, filters, input gradient; input, output gradient, filter gradient.
    /// </summary>
    public Primitive Create(OneDnnApi library, int workers)
    {
        PrimitiveOperand[] operands = _pass switch
        {
            ConvolutionPass.Forward =>
            [
                new(Native.ONEDNN_SOURCE, _input),
                new(Native.ONEDNN_WEIGHTS, Filters),
                .. _bias is { } bias ? (PrimitiveOperand[])[new(Native.ONEDNN_BIAS, bias)] : [],
                new(Native.ONEDNN_DESTINATION, _output),
            ],
            ConvolutionPass.BackwardData =>
            [
                new(Native.ONEDNN_DESTINATION_GRADIENT, _output),
                new(Native.ONEDNN_WEIGHTS, Filters),
                new(Native.ONEDNN_SOURCE_GRADIENT, _input),
            ],
            _ =>
            [
                new(Native.ONEDNN_SOURCE, _input),
                new(Native.ONEDNN_DESTINATION_GRADIENT, _output),
                new(Native.ONEDNN_WEIGHTS_GRADIENT, Filters),
            ],
        };
        return new Primitive(library, _description, workers, operands);
    }

    private static long[] FilterSizes(in ConvolutionGeometry g) =>
        g.Groups == 1
            ? [g.Filters, g.Channels, g.KernelHeight, g.KernelWidth]
            : [g.Groups, g.FiltersPerGroup, g.ChannelsPerGroup, g.KernelHeight, g.KernelWidth];
}

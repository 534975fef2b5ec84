using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;

namespace NativeCnn.OneDnn;

/// <summary>
/// One pass of a convolution over a batch, in parts that several workers compute side by side; the last part may be
/// smaller than the others and then has a primitive of its own.
/// </summary>
internal sealed unsafe class ConvolutionParts
{
    private readonly BatchParts _parts;
    private readonly ConvolutionPart _whole;
    private readonly ConvolutionPart _last;
    private Primitive? _wholePrimitive;
    private Primitive? _lastPrimitive;

    private ConvolutionParts(BatchParts parts, ConvolutionPart whole, ConvolutionPart last) =>
        (_parts, _whole, _last) = (parts, whole, last);

    /// <summary>How many parts.</summary>
    public int Count => _parts.Count;

    /// <summary>The layout of the filters, or of their gradient, in all parts.</summary>
    public MemoryDescription Filters => _whole.Filters;

    /// <summary>What computes them, such as <c>jit:avx512_core</c>.</summary>
    public string Implementation => _whole.Implementation;

    /// <summary>Floats of scratch memory that each worker needs.</summary>
    public long ScratchFloats => Math.Max(_whole.ScratchFloats, _last.ScratchFloats);

    /// <summary>Describes them; null where oneDNN has nothing for them but plain loops.</summary>
    /// <param name="library">oneDNN.</param>
    /// <param name="geometry">The sizes.</param>
    /// <param name="pass">Which pass.</param>
    /// <param name="hasBias">Whether a bias is added; forward only.</param>
    /// <param name="most">How many parts there are at most.</param>
    public static ConvolutionParts? Describe(
        OneDnnApi library,
        in ConvolutionGeometry geometry,
        ConvolutionPass pass,
        bool hasBias,
        long most = BatchParts.Most
    )
    {
        var parts = new BatchParts(geometry.BatchSize, most);
        if (ConvolutionPart.Describe(library, geometry, parts.Size, pass, hasBias) is not { } whole)
            return null;
        ConvolutionPart? last =
            parts.LastSize == parts.Size
                ? whole
                : ConvolutionPart.Describe(library, geometry, parts.LastSize, pass, hasBias);
        // All parts read the same filters, or their sums are added.
        return last is not null && last.Filters.IsAs(whole.Filters) ? new ConvolutionParts(parts, whole, last) : null;
    }

    /// <summary>Makes the primitives, once.</summary>
    public void Create(OneDnnApi library, int workers)
    {
        _lastPrimitive ??= _last.Create(library, workers);
        _wholePrimitive ??= _last == _whole ? _lastPrimitive : _whole.Create(library, workers);
    }

    /// <summary>Examples of a part.</summary>
    public int SizeOf(int part) => _parts.SizeOf(part);

    /// <summary>The first example of a part.</summary>
    public long FirstOf(int part) => _parts.FirstOf(part);

    /// <summary>Computes a part; the addresses are in the order of <see cref="ConvolutionPart.Create"/>.</summary>
    public void Run(int part, int worker, float* scratch, params ReadOnlySpan<nint> addresses) =>
        (part == Count - 1 ? _lastPrimitive! : _wholePrimitive!).Run(worker, scratch, addresses);
}

/// <summary>A copy of filters from one layout into another, on the calling thread.</summary>
internal sealed unsafe class FilterReorder(OneDnnApi library, MemoryDescription from, MemoryDescription to)
{
    private readonly PrimitiveDescription _description = library.Reorder(from, to);
    private Primitive? _primitive;

    /// <summary>Floats of scratch memory that it needs.</summary>
    public long ScratchFloats => _description.ScratchFloats;

    /// <summary>Makes the primitive, once.</summary>
    public void Create() =>
        _primitive ??= new Primitive(
            library,
            _description,
            1,
            new PrimitiveOperand(Interop.OneDnn.ONEDNN_SOURCE, from),
            new PrimitiveOperand(Interop.OneDnn.ONEDNN_DESTINATION, to)
        );

    /// <summary>Copies.</summary>
    public void Run(float* scratch, float* source, float* destination) =>
        _primitive!.Run(0, scratch, (nint)source, (nint)destination);
}

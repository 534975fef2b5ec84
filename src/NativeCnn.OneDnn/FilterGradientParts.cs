using NativeCnn.Backends;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.OneDnn;

/// <summary>
/// A filter gradient in parts that several workers compute side by side, each the sum of some filters' gradient over some
/// examples, in oneDNN's layout.
/// </summary>
internal sealed unsafe class FilterGradientParts
{
    // A cache line, so that no two workers write into one.
    private const int Line = 16;

    // Of the widest vectors.
    private const int Lanes = 16;

    private readonly FilterGradientCut _cut;
    private readonly ConvolutionGeometry _geometry;

    // By whether they are the last filters and the last examples.
    private readonly ConvolutionPart[] _kinds;
    private readonly Primitive?[] _primitives;
    private readonly FilterReorder[] _reorders;
    private readonly long _copyFloats;

    private FilterGradientParts(
        OneDnnApi library,
        in ConvolutionGeometry geometry,
        FilterGradientCut cut,
        ConvolutionPart[] kinds
    )
    {
        (_cut, _geometry, _kinds, _primitives) = (cut, geometry, kinds, new Primitive?[kinds.Length]);
        _reorders =
        [
            Reorder(library, kinds[0], Part(cut.Filters.Size, 1)),
            Reorder(library, kinds[^1], Part(cut.Filters.LastSize, 1)),
        ];
        SumFloats = WholeLines(kinds.Max(kind => kind.Filters.Floats));
        if (cut.Filters.Count > 1)
            _copyFloats = WholeLines(Part(cut.Filters.Size, cut.Examples.Size).Output.Count);
        PrivateFloats =
            _copyFloats
            + Math.Max(kinds.Max(kind => kind.ScratchFloats), _reorders.Max(reorder => reorder.ScratchFloats));
    }

    /// <summary>How many parts.</summary>
    public int Count => _cut.Count;

    /// <summary>How many sums of the same filters there are.</summary>
    public int Sums => _cut.Examples.Count;

    /// <summary>How many times some of the filters.</summary>
    public int Slices => _cut.Filters.Count;

    /// <summary>Floats of a part's sum.</summary>
    public long SumFloats { get; }

    /// <summary>Floats that each worker needs for itself.</summary>
    public long PrivateFloats { get; }

    /// <summary>What computes them, such as <c>jit:avx512_core</c>.</summary>
    public string Implementation => _kinds[0].Implementation;

    /// <summary>
    /// Describes them; null where oneDNN has nothing for them but plain loops, or what it has writes too far.
    /// </summary>
    public static FilterGradientParts? Describe(OneDnnApi library, in ConvolutionGeometry geometry)
    {
        if (WritesTooFar(geometry))
            return null;
        var cut = new FilterGradientCut(geometry);
        List<ConvolutionPart> kinds = [];
        foreach (int filters in (int[])[cut.Filters.Size, cut.Filters.LastSize])
        {
            // All sums of the same filters lie alike, since they are added.
            MemoryDescription? layout = null;
            foreach (int examples in (int[])[cut.Examples.Size, cut.Examples.LastSize])
            {
                ConvolutionGeometry part = Resized(geometry, filters, examples);
                if (
                    ConvolutionPart.Describe(library, part, ConvolutionPass.BackwardFilter, hasBias: false, layout)
                    is not { } described
                )
                    return null;
                layout ??= described.Filters;
                kinds.Add(described);
            }
        }
        return new FilterGradientParts(library, geometry, cut, [.. kinds]);
    }

    /// <summary>Makes the primitives, once.</summary>
    public void Create(OneDnnApi library, int workers)
    {
        for (int kind = 0; kind < _kinds.Length; kind++)
            _primitives[kind] ??= _kinds[kind].Create(library, workers);
        foreach (FilterReorder reorder in _reorders)
            reorder.Create(workers);
    }

    /// <summary>The part of some filters and some examples.</summary>
    public (int Slice, int Sum) this[int part] => (part / Sums, part % Sums);

    /// <summary>Where a slice's filters begin in the engine's layout, and how many floats they are.</summary>
    public (long First, long Count) FiltersOf(int slice)
    {
        long filter = _geometry.FilterShape.ElementsPerExample;
        return (_cut.Filters.FirstOf(slice) * filter, _cut.Filters.SizeOf(slice) * filter);
    }

    /// <summary>Computes a part's sum.</summary>
    /// <param name="part">Which.</param>
    /// <param name="worker">Who computes.</param>
    /// <param name="memory">The worker's own.</param>
    /// <param name="input">The whole input.</param>
    /// <param name="outputGradient">The whole output gradient.</param>
    /// <param name="sum">Where it goes.</param>
    public void Run(int part, int worker, float* memory, float* input, float* outputGradient, float* sum)
    {
        (int slice, int examples) = this[part];
        long first = _cut.Examples.FirstOf(examples);
        float* gradient = outputGradient + first * _geometry.Output.ElementsPerExample;
        if (Slices > 1)
        {
            Copy(gradient, slice, _cut.Examples.SizeOf(examples), memory);
            gradient = memory;
        }
        bool isLast = examples == Sums - 1;
        _primitives[(slice == Slices - 1 ? 2 : 0) + (isLast ? 1 : 0)]!.Run(
            worker,
            memory + _copyFloats,
            (nint)(input + first * _geometry.Input.ElementsPerExample),
            (nint)gradient,
            (nint)sum
        );
    }

    /// <summary>Brings a sum into the engine's layout.</summary>
    public void Reorder(int slice, int worker, float* memory, float* sum, float* filters) =>
        _reorders[slice == Slices - 1 ? 1 : 0].Run(worker, memory + _copyFloats, sum, filters);

    // Of a 1×1 kernel with a stride, oneDNN first brings the pixels that it reads together: whole vectors of them, in
    // scratch memory for as many channels as there are (2.6; found by guards behind that memory).
    private static bool WritesTooFar(in ConvolutionGeometry g) =>
        g is { KernelHeight: 1, KernelWidth: 1 } and not { StrideY: 1, StrideX: 1 } && g.ChannelsPerGroup < Lanes;

    // oneDNN's kernels take channels that lie without a gap.
    private void Copy(float* from, int slice, int examples, float* to)
    {
        int all = _geometry.Filters,
            some = _cut.Filters.SizeOf(slice);
        long pixels = (long)examples * _geometry.OutputHeight * _geometry.OutputWidth;
        from += _cut.Filters.FirstOf(slice);
        for (long pixel = 0; pixel < pixels; pixel++)
            new ReadOnlySpan<float>(from + pixel * all, some).CopyTo(new Span<float>(to + pixel * some, some));
    }

    private ConvolutionGeometry Part(int filters, int examples) => Resized(_geometry, filters, examples);

    private static ConvolutionGeometry Resized(in ConvolutionGeometry g, int filters, int examples) =>
        new(
            new Shape(examples, g.Height, g.Width, g.Channels),
            filters,
            new Size2(g.KernelHeight, g.KernelWidth),
            new Size2(g.StrideY, g.StrideX),
            new Size2(g.DilationY, g.DilationX),
            new Padding(g.PadTop, g.PadLeft, g.PadBottom, g.PadRight),
            g.Groups
        );

    private static FilterReorder Reorder(OneDnnApi library, ConvolutionPart part, in ConvolutionGeometry geometry) =>
        new(library, part.Filters, ConvolutionPart.PlainFilters(library, geometry));

    private static long WholeLines(long floats) => (floats + Line - 1) / Line * Line;
}

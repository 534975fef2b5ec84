using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;

namespace NativeCnn.OneDnn;

/// <summary>
/// Forward or backward-data, in parts that several workers compute side by side: whole examples, or, where there are
/// few of those, strips of rows of one. The cut follows from the sizes alone.
/// </summary>
internal sealed unsafe class ConvolutionParts
{
    // Multiply-adds of a strip: some 20 µs, long against a hand-over.
    private const long WorkPerStrip = 1_000_000;

    // Every strip reads all filters, which so many pixels pay for: more where filters (1 MB) leave a core's own cache.
    private const int PixelsPerStrip = 48;
    private const int LargeFilters = 256 * 1024;
    private const int PixelsPerStripOfLargeFilters = 96;
    private const int MostOfLargeFilters = 8;

    private readonly Place[] _places;
    private readonly ConvolutionPart[] _kinds;
    private readonly Primitive?[] _primitives;

    private ConvolutionParts(Place[] places, ConvolutionPart[] kinds)
    {
        (_places, _kinds) = (places, kinds);
        _primitives = new Primitive?[kinds.Length];
        ScratchFloats = kinds.Max(kind => kind.ScratchFloats);
    }

    /// <summary>How many parts.</summary>
    public int Count => _places.Length;

    /// <summary>The layout of the filters in all parts.</summary>
    public MemoryDescription Filters => _kinds[0].Filters;

    /// <summary>What computes them, such as <c>jit:avx512_core</c>.</summary>
    public string Implementation => _kinds[0].Implementation;

    /// <summary>Floats of scratch memory that each worker needs.</summary>
    public long ScratchFloats { get; }

    /// <summary>What a part computes.</summary>
    public Place this[int part] => _places[part];

    /// <summary>Describes them; null where oneDNN has nothing for them but plain loops.</summary>
    /// <param name="library">oneDNN.</param>
    /// <param name="geometry">The sizes.</param>
    /// <param name="pass">Forward or backward-data.</param>
    /// <param name="hasBias">Whether a bias is added; forward only.</param>
    public static ConvolutionParts? Describe(
        OneDnnApi library,
        in ConvolutionGeometry geometry,
        ConvolutionPass pass,
        bool hasBias
    )
    {
        int rows = RowsPerStrip(geometry, pass);
        int height = WrittenHeight(geometry, pass);
        int step = pass == ConvolutionPass.BackwardData ? geometry.StrideY : 1;
        // A primitive may not like the rows that are left for the last strip.
        for (int longest = Math.Min(height, 2 * rows); rows < longest; rows += step)
        {
            if (Strips(geometry, pass, rows) is { } strips && Describe(library, strips, pass, hasBias) is { } described)
                return described;
        }
        return Describe(library, Examples(geometry, pass), pass, hasBias);
    }

    /// <summary>Makes the primitives, once.</summary>
    public void Create(OneDnnApi library, int workers)
    {
        for (int kind = 0; kind < _kinds.Length; kind++)
            _primitives[kind] ??= _kinds[kind].Create(library, workers);
    }

    /// <summary>Computes a part; the addresses are in the order of <see cref="ConvolutionPart.Create"/>.</summary>
    public void Run(int part, int worker, float* scratch, params ReadOnlySpan<nint> addresses) =>
        _primitives[_places[part].Kind]!.Run(worker, scratch, addresses);

    // Parts of the same sizes are one primitive: two where the last is smaller, three for strips.
    private static ConvolutionParts? Describe(
        OneDnnApi library,
        List<(ConvolutionGeometry Geometry, Place Place)> parts,
        ConvolutionPass pass,
        bool hasBias
    )
    {
        List<ConvolutionGeometry> sizes = [];
        List<ConvolutionPart> kinds = [];
        Place[] places = new Place[parts.Count];
        for (int i = 0; i < places.Length; i++)
        {
            (ConvolutionGeometry geometry, Place place) = parts[i];
            int kind = sizes.IndexOf(geometry);
            if (kind < 0)
            {
                // All parts read the same filters.
                MemoryDescription? filters = kinds.Count > 0 ? kinds[0].Filters : null;
                if (ConvolutionPart.Describe(library, geometry, pass, hasBias, filters) is not { } described)
                    return null;
                kind = kinds.Count;
                sizes.Add(geometry);
                kinds.Add(described);
            }
            places[i] = place with { Kind = kind };
        }
        return new ConvolutionParts(places, [.. kinds]);
    }

    private static List<(ConvolutionGeometry, Place)> Examples(in ConvolutionGeometry geometry, ConvolutionPass pass)
    {
        var parts = new EqualParts(geometry.BatchSize);
        int rows = WrittenHeight(geometry, pass);
        List<(ConvolutionGeometry, Place)> examples = [];
        for (int part = 0; part < parts.Count; part++)
        {
            int size = parts.SizeOf(part);
            ConvolutionGeometry g = ConvolutionStrip.Resized(
                geometry,
                size,
                geometry.Height,
                geometry.PadTop,
                geometry.PadBottom
            );
            examples.Add((g, new Place(parts.FirstOf(part), 0, 0, size * rows)));
        }
        return examples;
    }

    // All rows where examples alone are parts enough.
    private static int RowsPerStrip(in ConvolutionGeometry g, ConvolutionPass pass)
    {
        int height = WrittenHeight(g, pass);
        (int pixels, int most) =
            g.FilterShape.Count < LargeFilters
                ? (PixelsPerStrip, EqualParts.Most)
                : (PixelsPerStripOfLargeFilters, MostOfLargeFilters);
        int width = pass == ConvolutionPass.Forward ? g.OutputWidth : g.Width;
        long wanted = Math.Min((long)height * width / pixels, g.MultiplyAdds / g.BatchSize / WorkPerStrip);
        wanted = Math.Clamp(wanted, 1, Math.Max(1, most / g.BatchSize));
        int rows = (int)((height + wanted - 1) / wanted);
        // Backward, strips that begin at a multiple of the stride are alike.
        int step = pass == ConvolutionPass.BackwardData ? g.StrideY : 1;
        return (rows + step - 1) / step * step;
    }

    private static int WrittenHeight(in ConvolutionGeometry g, ConvolutionPass pass) =>
        pass == ConvolutionPass.Forward ? g.OutputHeight : g.Height;

    // Null where one of them would have to crop.
    private static List<(ConvolutionGeometry, Place)>? Strips(
        in ConvolutionGeometry geometry,
        ConvolutionPass pass,
        int rows
    )
    {
        int height = WrittenHeight(geometry, pass);
        List<(ConvolutionGeometry, Place)> strips = [];
        for (int example = 0; example < geometry.BatchSize; example++)
        {
            for (int first = 0; first < height; first += rows)
            {
                int count = Math.Min(rows, height - first);
                if (ConvolutionStrip.Of(geometry, pass, first, count) is not { } strip)
                    return null;
                strips.Add((strip.Geometry, new Place(example, strip.FirstRead, first, count)));
            }
        }
        return strips;
    }

    /// <summary>What a part computes.</summary>
    /// <param name="Example">The first example.</param>
    /// <param name="ReadRow">The row of it that is read first.</param>
    /// <param name="WrittenRow">The row of it that is written first.</param>
    /// <param name="WrittenRows">How many are written, over all its examples.</param>
    public readonly record struct Place(long Example, int ReadRow, int WrittenRow, int WrittenRows)
    {
        /// <summary>By which primitive.</summary>
        public int Kind { get; init; }
    }
}

using NativeCnn.Interop;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// How a convolution of stride 1 is cut into Winograd tiles: output tiles of m×m pixels from input tiles of P = (m + r − 1)²
/// points (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016).
/// </summary>
internal sealed unsafe class WinogradTiling
{
    /// <summary>Channels that lie together in a buffer of tiles; ranges of channels are cut at multiples of it.</summary>
    public const int ChannelBlock = 64;

    // Transformed tiles of a chunk, of inputs and products together, fill a core's own cache at most about twice.
    private const int ChunkFloats = 768 * 1024;
    private const int MaxTilesPerChunk = 56;
    private const int MinTilesPerChunk = 28;

    public WinogradTiling(nativecnn_winograd_kind kind, in ConvolutionGeometry geometry)
    {
        Kind = kind;
        Geometry = geometry;
        ConvolutionGeometry g = geometry;
        long tiles = Shim.nativecnn_winograd_tile_count(kind, (nativecnn_convolution_geometry*)&g);
        if (tiles <= 0)
            throw new NotSupportedException($"{NameOf(kind)} cannot compute {geometry}.");
        TileCount = checked((int)tiles);
        int perTile = PointsOf(kind) * (geometry.ChannelsPerGroup + geometry.FiltersPerGroup);
        int most = Math.Clamp(ChunkFloats / perTile, MinTilesPerChunk, MaxTilesPerChunk);
        int chunks = TileSize.EvenCount((TileCount + most - 1) / most);
        TilesPerChunk = (TileCount + chunks - 1) / chunks;
        ChunkCount = (TileCount + TilesPerChunk - 1) / TilesPerChunk;
    }

    public nativecnn_winograd_kind Kind { get; }

    public ConvolutionGeometry Geometry { get; }

    /// <summary>Tiles over the whole batch.</summary>
    public int TileCount { get; }

    /// <summary>Tiles that are transformed and multiplied at a time.</summary>
    public int TilesPerChunk { get; }

    /// <summary>How many chunks cover the tiles.</summary>
    public int ChunkCount { get; }

    /// <summary>The kind that computes a geometry with the fewest products, or null where none can.</summary>
    public static nativecnn_winograd_kind? KindFor(in ConvolutionGeometry g, bool smallTiles)
    {
        bool plain = g is { StrideY: 1, StrideX: 1, DilationY: 1, DilationX: 1 };
        return (plain, g.KernelHeight, g.KernelWidth, smallTiles) switch
        {
            (true, 3, 3, false) => nativecnn_winograd_kind.NATIVECNN_WINOGRAD_4X4_3X3,
            (true, 3, 3, true) => nativecnn_winograd_kind.NATIVECNN_WINOGRAD_2X2_3X3,
            (true, 5, 5, false) => nativecnn_winograd_kind.NATIVECNN_WINOGRAD_4X4_5X5,
            (true, 5, 5, true) => nativecnn_winograd_kind.NATIVECNN_WINOGRAD_2X2_5X5,
            _ => null,
        };
    }

    /// <summary>P, the points of one input tile.</summary>
    public static int PointsOf(nativecnn_winograd_kind kind) =>
        kind switch
        {
            nativecnn_winograd_kind.NATIVECNN_WINOGRAD_2X2_3X3 => 16,
            nativecnn_winograd_kind.NATIVECNN_WINOGRAD_4X4_5X5 => 64,
            _ => 36,
        };

    /// <summary>m: a tile is m×m output pixels.</summary>
    public static int SizeOf(nativecnn_winograd_kind kind) =>
        kind is nativecnn_winograd_kind.NATIVECNN_WINOGRAD_4X4_3X3 or nativecnn_winograd_kind.NATIVECNN_WINOGRAD_4X4_5X5
            ? 4
            : 2;

    /// <summary>What the documentation calls it.</summary>
    public static string NameOf(nativecnn_winograd_kind kind) =>
        kind switch
        {
            nativecnn_winograd_kind.NATIVECNN_WINOGRAD_4X4_3X3 => "Winograd F(4×4,3×3)",
            nativecnn_winograd_kind.NATIVECNN_WINOGRAD_2X2_3X3 => "Winograd F(2×2,3×3)",
            nativecnn_winograd_kind.NATIVECNN_WINOGRAD_2X2_5X5 => "Winograd F(2×2,5×5)",
            _ => "Winograd F(4×4,5×5)",
        };

    /// <summary>Tiles of a chunk; the last one may have fewer.</summary>
    public int TilesOf(int chunk) => Math.Min(TilesPerChunk, TileCount - chunk * TilesPerChunk);

    /// <summary>Floats of a buffer of one chunk's tiles with so many channels.</summary>
    public long TilesFloats(int channels) => Shim.nativecnn_winograd_tiles_size(Kind, TilesPerChunk, channels);

    /// <summary>Floats of a buffer of transformed filters.</summary>
    public long FiltersFloats(int rows, int columns) => Shim.nativecnn_winograd_filters_size(Kind, rows, columns);

    /// <summary>Writes Bᵀ x B for a chunk's tiles and a range of a group's input channels.</summary>
    public void TransformInput(int group, int chunk, int channel, int channels, float* input, float* tiles)
    {
        ConvolutionGeometry g = Geometry;
        Shim.nativecnn_winograd_input_transform(
            Kind,
            (nativecnn_convolution_geometry*)&g,
            input,
            group,
            new((long)chunk * TilesPerChunk, TilesOf(chunk)),
            new(channel, channels),
            tiles
        );
    }

    /// <summary>Writes A dy Aᵀ for a chunk's tiles and a range of a group's filters.</summary>
    public void TransformGradient(int group, int chunk, int filter, int filters, float* outputGradient, float* tiles)
    {
        ConvolutionGeometry g = Geometry;
        Shim.nativecnn_winograd_output_gradient_transform(
            Kind,
            (nativecnn_convolution_geometry*)&g,
            outputGradient,
            group,
            new((long)chunk * TilesPerChunk, TilesOf(chunk)),
            new(filter, filters),
            tiles
        );
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// How a convolution of stride 1 is cut into Winograd tiles: output tiles of m×m pixels from input tiles of P = (m + r
/// − 1)² points (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016).
/// </summary>
/// <remarks>
/// The transforms subtract a tile's values from each other: one NaN or infinity makes every value of its tile NaN, where
/// a sum of the definition's products would have it in some outputs only.
/// </remarks>
internal sealed unsafe class WinogradTiling
{
    /// <summary>
    /// Channels that lie together in a buffer of tiles; ranges of channels are cut at multiples of it.
    /// </summary>
    public const int ChannelBlock = 64;

    /// <summary>
    /// Columns that lie together in a buffer of filters; ranges of columns are cut at multiples of it.
    /// </summary>
    public const int ColumnBlock = 16;

    // Transformed tiles of a chunk, of inputs and products together, fill a core's own cache at most about twice.
    private const int ChunkFloats = 768 * 1024;
    private const int MaxTilesPerChunk = 56;
    private const int MinTilesPerChunk = 28;

    /// <param name="kind">Which tiles.</param>
    /// <param name="geometry">The convolution whose output is cut.</param>
    /// <param name="tilesPerChunk">
    /// How many tiles a chunk has at most; by default as many as stay in a core's own cache, in chunks that are a
    /// multiple of eight.
    /// </param>
    public WinogradTiling(nativecnn_winograd_kind kind, in ConvolutionGeometry geometry, int? tilesPerChunk = null)
    {
        Kind = kind;
        Geometry = geometry;
        ConvolutionGeometry g = geometry;
        long tiles = Shim.nativecnn_winograd_tile_count(kind, (nativecnn_convolution_geometry*)&g);
        if (tiles <= 0)
            throw new NotSupportedException($"Winograd's algorithm cannot compute {geometry}.");
        TileCount = checked((int)tiles);
        int perTile = PointsOf(kind) * (geometry.ChannelsPerGroup + geometry.FiltersPerGroup);
        int most = tilesPerChunk ?? Math.Clamp(ChunkFloats / perTile, MinTilesPerChunk, MaxTilesPerChunk);
        int chunks = NativeBackend.ChunkCount(TileCount, most);
        TilesPerChunk = NativeBackend.ChunkCount(
            TileCount,
            tilesPerChunk is null ? TileSize.EvenCount(chunks) : chunks
        );
        ChunkCount = NativeBackend.ChunkCount(TileCount, TilesPerChunk);
    }

    public nativecnn_winograd_kind Kind { get; }

    public ConvolutionGeometry Geometry { get; }

    /// <summary>Tiles over the whole batch.</summary>
    public int TileCount { get; }

    /// <summary>Tiles that are transformed and multiplied at a time.</summary>
    public int TilesPerChunk { get; }

    /// <summary>How many chunks cover the tiles.</summary>
    public int ChunkCount { get; }

    /// <summary>The kind that computes a geometry, or null where none can.</summary>
    /// <param name="g">The forward convolution's sizes.</param>
    /// <param name="smallTiles">
    /// Whether tiles are 2×2 pixels, which round less, or 4×4, which have fewer products.
    /// </param>
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

    /// <summary>The tiles of a chunk.</summary>
    public IndexRange Chunk(int chunk) => IndexRange.Block(TileCount, TilesPerChunk, chunk);

    /// <summary>Floats of a buffer of one chunk's tiles with so many channels.</summary>
    public long TilesFloats(int channels) => Shim.nativecnn_winograd_tiles_size(Kind, TilesPerChunk, channels);

    /// <summary>Floats that one block of channels takes in a buffer of so many tiles.</summary>
    public long ChannelBlockFloats(int tiles) => Shim.nativecnn_winograd_tiles_size(Kind, tiles, ChannelBlock);

    /// <summary>Floats of a buffer of transformed filters.</summary>
    public long FiltersFloats(int rows, int columns) => Shim.nativecnn_winograd_filters_size(Kind, rows, columns);

    /// <summary>Writes Bᵀ x B for some tiles and some of a group's input channels.</summary>
    public void TransformInput(int group, IndexRange tiles, IndexRange channels, float* input, float* transformed)
    {
        ConvolutionGeometry g = Geometry;
        Shim.nativecnn_winograd_input_transform(
            Kind,
            (nativecnn_convolution_geometry*)&g,
            input,
            group,
            tiles,
            channels,
            transformed
        );
    }

    /// <summary>Writes A dy Aᵀ for some tiles and some of a group's filters.</summary>
    public void TransformOutputGradient(
        int group,
        IndexRange tiles,
        IndexRange filters,
        float* outputGradient,
        float* transformed
    )
    {
        ConvolutionGeometry g = Geometry;
        Shim.nativecnn_winograd_output_gradient_transform(
            Kind,
            (nativecnn_convolution_geometry*)&g,
            outputGradient,
            group,
            tiles,
            filters,
            transformed
        );
    }
}

/// <summary>An algorithm over Winograd tiles of the convolution that it computes.</summary>
internal abstract class WinogradAlgorithm(
    nativecnn_winograd_kind kind,
    ConvolutionGeometry geometry,
    WorkerPool pool,
    Scratch scratch,
    int? tilesPerChunk = null
) : ConvolutionAlgorithm(geometry, pool, scratch)
{
    /// <summary><see cref="Kernel.RoundingsPerProduct"/>.</summary>
    /// <remarks>
    /// The worst found, rounded up, over values of one sign, equal values, random signs and outliers: 46, 79 and 302
    /// roundings of the largest sum of absolute products (P = 16, 36, 64), which is at most the number of products.
    /// nativecnn.h has the bound for every input, which is in other terms. No operand may hold a NaN or an infinity: it
    /// would make its whole tile NaN.
    /// </remarks>
    public override double RoundingsPerProduct =>
        WinogradTiling.PointsOf(kind) switch
        {
            16 => 48,
            36 => 80,
            _ => 304,
        };

    protected WinogradTiling Tiling { get; } = new(kind, geometry, tilesPerChunk);
}

/// <summary>
/// Writes G w Gᵀ of the filters of all groups; a chunk is a block of columns, or some of its rows where that is too few.
/// </summary>
/// <param name="tiling">The tiles.</param>
/// <param name="forward">The forward convolution's sizes, whatever the form.</param>
/// <param name="form">How the filters enter the products; it says what rows and columns are.</param>
/// <param name="filters">w.</param>
/// <param name="scratch">Where they go.</param>
/// <param name="wanted">How many chunks the threads want.</param>
internal readonly unsafe struct WinogradFilterTransform(
    WinogradTiling tiling,
    ConvolutionGeometry forward,
    nativecnn_winograd_filters form,
    float* filters,
    Scratch scratch,
    int wanted
) : IParallelWork
{
    // Rows that lie together in a buffer of filters, and such blocks of a chunk at least.
    private const int RowBlock = 16;
    private const int MinBlocks = 4;

    /// <summary>Transforms them on the pool's threads, unless that is done already.</summary>
    public void Transform(WorkerPool pool)
    {
        WinogradFilterTransform work = this;
        if (!scratch.Packed.IsCurrent)
            pool.Run(ref work, forward.Groups * ChunksPerGroup);
    }

    private int ChunksPerGroup => ColumnBlocks * RowParts;

    private bool IsForward => form == nativecnn_winograd_filters.NATIVECNN_WINOGRAD_FILTERS_FORWARD;

    private int Rows => IsForward ? forward.ChannelsPerGroup : forward.FiltersPerGroup;

    private int Columns => IsForward ? forward.FiltersPerGroup : forward.ChannelsPerGroup;

    private int ColumnBlocks => NativeBackend.ChunkCount(Columns, WinogradTiling.ColumnBlock);

    private int RowBlocks => NativeBackend.ChunkCount(Rows, RowBlock);

    // Only where rows are the filters, of which some are those of a smaller convolution.
    private int RowParts =>
        IsForward
            ? 1
            : Math.Clamp(
                NativeBackend.ChunkCount(wanted, forward.Groups * ColumnBlocks),
                1,
                Math.Max(1, RowBlocks / MinBlocks)
            );

    public void Run(int chunk, int worker)
    {
        (int group, int rest) = Math.DivRem(chunk, ChunksPerGroup);
        (int block, int part) = Math.DivRem(rest, RowParts);
        IndexRange columns = IndexRange.Block(Columns, WinogradTiling.ColumnBlock, block);
        float* to = scratch.PackedOf(group) + block * tiling.FiltersFloats(Rows, WinogradTiling.ColumnBlock);
        ConvolutionGeometry whole = forward;
        nativecnn_convolution_geometry g = *(nativecnn_convolution_geometry*)&whole;
        if (RowParts == 1)
        {
            Transform(g, group, filters, columns, to);
            return;
        }
        IndexRange rows = IndexRange.Part(RowBlocks, RowParts, part);
        int first = rows.First * RowBlock;
        g.channels = forward.ChannelsPerGroup;
        g.filters = Math.Min(rows.Count * RowBlock, Rows - first);
        g.groups = 1;
        long before = (long)group * forward.FiltersPerGroup + first;
        to += rows.First * tiling.FiltersFloats(RowBlock, WinogradTiling.ColumnBlock);
        Transform(g, 0, filters + before * forward.Taps, columns, to);
    }

    private void Transform(
        nativecnn_convolution_geometry g,
        int itsGroup,
        float* itsFilters,
        IndexRange columns,
        float* to
    ) => Shim.nativecnn_winograd_filter_transform(tiling.Kind, &g, itsFilters, itsGroup, form, columns, to);
}

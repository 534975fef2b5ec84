using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Forward by Winograd's algorithm: Y = Aᵀ[(G w Gᵀ) ⊙ (Bᵀ x B)]A, the element-wise products summed over channels as P
/// matrix products V[tiles×channels] · U[channels×filters] → M[tiles×filters]; bias and activation finish the warm
/// tile. Backward-data is the same over the output gradient with flipped filters.
/// </summary>
/// <remarks>
/// Large maps run tile chunk by tile chunk, all in a core's own cache. Small maps with many filters have too few chunks
/// for that: their inputs are transformed first, once for all, and the filters then divided among the threads. How it
/// is divided follows from the number of threads, and changes no result: the sums of a tile and a filter are their own.
/// </remarks>
internal sealed unsafe class WinogradForward : WinogradAlgorithm
{
    // Filters of one chunk where filters are divided: wide enough to pay for reading the tiles again.
    private const int FiltersPerChunk = 64;

    // For many threads, half of that, or where there are no more a panel of the product.
    private const int FewFiltersPerChunk = 32;
    private const int FewestFiltersPerChunk = WinogradTiling.ColumnBlock;

    // Channels that a chunk transforms where that is done first.
    private const int ChannelsPerChunk = WinogradTiling.ChannelBlock;
    private const int FewChannelsPerChunk = 16;

    // Tiles of a chunk at least, where threads are many.
    private const int FewTilesPerChunk = 16;

    // Chunks that suffice up to eight threads.
    private const int FewChunks = 16;

    private readonly ConvolutionGeometry _original;
    private readonly bool _backwardData;
    private readonly bool _transformsFirst;
    private readonly int _filtersPerChunk;
    private readonly int _channelsPerChunk;
    private readonly long _filterBlockFloats;
    private readonly long _tileFloats;

    /// <param name="kind">Which tiles.</param>
    /// <param name="geometry">The forward convolution's sizes, in both passes.</param>
    /// <param name="backwardData">Whether the input gradient is computed.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="scratch">The scratch memory.</param>
    public WinogradForward(
        nativecnn_winograd_kind kind,
        in ConvolutionGeometry geometry,
        bool backwardData,
        WorkerPool pool,
        Scratch scratch
    )
        : base(
            kind,
            backwardData ? geometry.BackwardData() : geometry,
            pool,
            scratch,
            TilesPerChunk(kind, backwardData ? geometry.BackwardData() : geometry, WantedPerGroup(pool, geometry))
        )
    {
        _original = geometry;
        _backwardData = backwardData;
        int channels = Geometry.ChannelsPerGroup;
        int filters = Geometry.FiltersPerGroup;
        scratch.Packed.Require(Tiling.FiltersFloats(channels, filters), Geometry.Groups);
        _filterBlockFloats = Tiling.FiltersFloats(channels, WinogradTiling.ColumnBlock);
        _tileFloats = Tiling.TilesFloats(channels);
        int wantedByThreads = WantedPerGroup(pool, geometry);
        int wanted = NativeBackend.ChunkCount(Math.Max(FewChunks, pool.WantedChunks), geometry.Groups);
        int leastFilters = LeastFiltersPerChunk(filters, wantedByThreads);
        _transformsFirst = Tiling.ChunkCount < wanted && filters > leastFilters;
        int parts = NativeBackend.ChunkCount(wanted, Tiling.ChunkCount);
        bool isFew = wantedByThreads <= FewChunks;
        _filtersPerChunk = isFew || filters / parts >= FiltersPerChunk ? FiltersPerChunk : leastFilters;
        _channelsPerChunk = isFew || channels / parts >= ChannelsPerChunk ? ChannelsPerChunk : FewChannelsPerChunk;
        if (_transformsFirst)
        {
            scratch.RequireShared(Tiling.ChunkCount * _tileFloats);
            scratch.RequirePrivate(Tiling.TilesFloats(_filtersPerChunk));
        }
        else
        {
            scratch.RequirePrivate(_tileFloats + Tiling.TilesFloats(filters));
        }
    }

    public override void Run(in ConvolutionOperands operands)
    {
        ConvolutionOperands forward = _backwardData ? operands.BackwardData : operands;
        new WinogradFilterTransform(
            Tiling,
            _original,
            _backwardData
                ? nativecnn_winograd_filters.NATIVECNN_WINOGRAD_FILTERS_FLIPPED
                : nativecnn_winograd_filters.NATIVECNN_WINOGRAD_FILTERS_FORWARD,
            forward.Filters,
            Scratch,
            Pool.WantedChunks
        ).Transform(Pool);
        if (!_transformsFirst)
        {
            var tiles = new TileWork(this, forward);
            Pool.Run(ref tiles, Geometry.Groups * Tiling.ChunkCount);
            return;
        }
        for (int group = 0; group < Geometry.Groups; group++)
        {
            var transform = new InputWork(this, group, forward.Input);
            Pool.Run(ref transform, Tiling.ChunkCount * transform.Blocks);
            var products = new ProductWork(new TileWork(this, forward), group);
            Pool.Run(
                ref products,
                Tiling.ChunkCount * NativeBackend.ChunkCount(Geometry.FiltersPerGroup, _filtersPerChunk)
            );
        }
    }

    // The groups are chunks beside each other.
    private static int WantedPerGroup(WorkerPool pool, in ConvolutionGeometry geometry) =>
        NativeBackend.ChunkCount(pool.WantedChunks, geometry.Groups);

    private static int LeastFiltersPerChunk(int filters, int wanted) =>
        wanted <= FewChunks ? FiltersPerChunk
        : filters > FiltersPerChunk ? FewFiltersPerChunk
        : FewestFiltersPerChunk;

    // Null for as many as are best for one core, where these and the filters give chunks enough.
    private static int? TilesPerChunk(nativecnn_winograd_kind kind, in ConvolutionGeometry geometry, int wanted)
    {
        if (wanted <= FewChunks)
            return null;
        var tiling = new WinogradTiling(kind, geometry);
        int filters = geometry.FiltersPerGroup;
        int parts = NativeBackend.ChunkCount(filters, LeastFiltersPerChunk(filters, wanted));
        if (tiling.ChunkCount * parts >= wanted)
            return null;
        int tiles = (int)((long)tiling.TileCount * parts / wanted);
        return Math.Clamp(tiles, Math.Min(FewTilesPerChunk, tiling.TilesPerChunk), tiling.TilesPerChunk);
    }

    private float* SharedTiles(int chunk) => Scratch.Shared + chunk * _tileFloats;

    private readonly struct InputWork(WinogradForward owner, int group, float* input) : IParallelWork
    {
        public int Blocks => NativeBackend.ChunkCount(owner.Geometry.ChannelsPerGroup, owner._channelsPerChunk);

        public void Run(int chunk, int worker)
        {
            (int tileChunk, int block) = Math.DivRem(chunk, Blocks);
            IndexRange tiles = owner.Tiling.Chunk(tileChunk);
            IndexRange channels = IndexRange.Block(owner.Geometry.ChannelsPerGroup, owner._channelsPerChunk, block);
            (int before, int within) = Math.DivRem(channels.First, WinogradTiling.ChannelBlock);
            owner.Tiling.TransformInput(
                group,
                tiles,
                channels,
                input,
                owner.SharedTiles(tileChunk) + before * owner.Tiling.ChannelBlockFloats(tiles.Count) + within
            );
        }
    }

    private readonly struct TileWork(WinogradForward owner, ConvolutionOperands operands) : IParallelWork
    {
        public WinogradForward Owner => owner;

        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            (int group, int tileChunk) = Math.DivRem(chunk, owner.Tiling.ChunkCount);
            IndexRange tiles = owner.Tiling.Chunk(tileChunk);
            float* transformed = owner.Scratch.Private(worker);
            owner.Tiling.TransformInput(group, tiles, IndexRange.All(g.ChannelsPerGroup), operands.Input, transformed);
            Multiply(group, tiles, transformed, IndexRange.All(g.FiltersPerGroup), transformed + owner._tileFloats);
        }

        // V[tiles×channels] · U[channels×filters] → M[tiles×filters] at each point, then the output of those filters.
        public void Multiply(int group, IndexRange tiles, float* transformed, IndexRange filters, float* products)
        {
            ConvolutionGeometry g = owner.Geometry;
            Activation f = operands.Activation;
            Shim.nativecnn_winograd_product(
                owner.Tiling.Kind,
                tiles.Count,
                g.ChannelsPerGroup,
                filters.Count,
                transformed,
                owner.Scratch.PackedOf(group) + filters.First / WinogradTiling.ColumnBlock * owner._filterBlockFloats,
                products
            );
            Shim.nativecnn_winograd_output_transform(
                owner.Tiling.Kind,
                (nativecnn_convolution_geometry*)&g,
                products,
                group,
                tiles,
                filters,
                operands.Bias,
                (nativecnn_activation*)&f,
                operands.Output
            );
        }
    }

    private readonly struct ProductWork(TileWork work, int group) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            WinogradForward owner = work.Owner;
            // One thread's chunks follow each other: the same filters for all tiles, so that they stay in its cache.
            (int part, int tileChunk) = Math.DivRem(chunk, owner.Tiling.ChunkCount);
            work.Multiply(
                group,
                owner.Tiling.Chunk(tileChunk),
                owner.SharedTiles(tileChunk),
                IndexRange.Block(owner.Geometry.FiltersPerGroup, owner._filtersPerChunk, part),
                owner.Scratch.Private(worker)
            );
        }
    }
}

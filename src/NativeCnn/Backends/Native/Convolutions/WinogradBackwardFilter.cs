using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-filter in the Winograd domain: dw = Gᵀ[Σ_tiles (Bᵀ x B) ⊙ (A dy Aᵀ)]G, the sums as P matrix products
/// D[tiles×filters]ᵀ · V[tiles×channels] → dU[filters×channels].
/// </summary>
/// <remarks>
/// The points' products are independent, so that they are divided among the threads and nothing is added up
/// afterwards: tiles are transformed in batches that stay in the caches, and each batch is multiplied at once. A sum
/// takes chunks of tiles of one size in their order, and so its bits do not depend on the size of a batch, which
/// follows from the number of threads.
/// <para>
/// Two kinds of layers are divided otherwise. Where tiles are few and filters many, dU is larger than the tiles: a
/// chunk sums all points of some filters and channels in its own cache and transforms them there. Where dU is
/// small and tiles are many, batches would be over before the threads have met: every run of tiles keeps its own sums,
/// which are added in a fixed tree.
/// </para>
/// </remarks>
internal sealed unsafe class WinogradBackwardFilter : WinogradAlgorithm
{
    // Floats of a batch of tiles for each thread (2 MB), and for all together at most (64 MB); less than half of dU
    // would read and write that too often.
    private const long BatchFloats = 1L << 19;
    private const long MaxBatchFloats = 1L << 24;

    // Tiles of a chunk, which are summed in registers: fewer cost additions in memory, more drive each other out of the
    // first cache.
    private const int MinTilesPerChunk = 64;
    private const int MaxTilesPerChunk = 96;

    // Up to so many tiles, dU is written and read more than they are, if there are enough blocks of it.
    private const int FewTiles = 96;
    private const int EnoughBlocks = 16;

    // Floats of dU up to which every run of tiles keeps its own (1 MB), if there are enough runs of several times the
    // floats of dU.
    private const long SmallFilters = 1L << 18;
    private const int RunPerFilters = 12;
    private const int EnoughRuns = 16;
    private const int MaxRuns = 64;

    // Filters and channels of a block of dU; channels that are transformed by a chunk.
    private const int BlockSide = 64;
    private const int ChannelsPerTransform = 32;
    private const int FewChannelsPerTransform = 16;

    // Chunks that many threads want, and for which they are made smaller.
    private const int WantedChunks = 128;

    private readonly Division _division;
    private readonly int _runs;
    private readonly int _batches;
    private readonly int _channelsPerTransform;
    private readonly int _columnsPerChunk;
    private readonly int _rowsPerChunk;
    private readonly long _sumFloats;
    private readonly long _inputFloats;
    private readonly long _tileFloats;

    public WinogradBackwardFilter(
        nativecnn_winograd_kind kind,
        in ConvolutionGeometry geometry,
        WorkerPool pool,
        Scratch scratch
    )
        : base(kind, geometry, pool, scratch, TilesPerChunk(kind, geometry))
    {
        int channels = geometry.ChannelsPerGroup;
        int filters = geometry.FiltersPerGroup;
        int columns = NativeBackend.ChunkCount(channels, BlockSide);
        int blocks = columns * NativeBackend.ChunkCount(filters, BlockSide);
        _division = DivisionOf(Tiling);
        int transforms = Tiling.ChunkCount * NativeBackend.ChunkCount(channels + filters, ChannelsPerTransform);
        _channelsPerTransform = transforms < pool.WantedChunks ? FewChannelsPerTransform : ChannelsPerTransform;
        _inputFloats = Tiling.TilesFloats(channels);
        _tileFloats = _inputFloats + Tiling.TilesFloats(filters);
        _columnsPerChunk = Points * columns < WantedChunks ? BlockSide / 2 : BlockSide;
        bool isSmall = blocks * (BlockSide / WinogradTiling.ColumnBlock) < WantedChunks;
        _rowsPerChunk = isSmall ? WinogradTiling.ColumnBlock : BlockSide;
        if (_division == Division.ByBlocks)
        {
            _batches = 1;
            scratch.RequirePrivate(Tiling.FiltersFloats(BlockSide, BlockSide));
            scratch.RequireShared(Tiling.ChunkCount * _tileFloats);
            return;
        }
        _sumFloats = Tiling.FiltersFloats(filters, channels);
        if (_division == Division.ByRuns)
        {
            int runs = TileSize.EvenCount(Tiling.TileCount / TilesPerRun(geometry));
            _runs = Math.Min(Math.Min(MaxRuns, runs), Tiling.ChunkCount);
            scratch.RequirePrivate(_tileFloats);
            scratch.RequireShared(_runs * _sumFloats);
            return;
        }
        long batchFloats = Math.Max(Math.Min(BatchFloats * pool.PlannedThreads, MaxBatchFloats), _sumFloats / 2);
        _batches = (int)Math.Clamp(Tiling.ChunkCount * _tileFloats / batchFloats, 1, Tiling.ChunkCount);
        scratch.RequireShared(_sumFloats + NativeBackend.ChunkCount(Tiling.ChunkCount, _batches) * _tileFloats);
    }

    private enum Division
    {
        ByPoints,
        ByBlocks,
        ByRuns,
    }

    private int Points => WinogradTiling.PointsOf(Tiling.Kind);

    /// <summary>Whether dU is summed and transformed block by block, each in a core's own cache.</summary>
    /// <param name="g">The sizes.</param>
    /// <param name="tiles">How many tiles there are.</param>
    internal static bool SumsByBlocks(in ConvolutionGeometry g, double tiles)
    {
        int blocks =
            NativeBackend.ChunkCount(g.ChannelsPerGroup, BlockSide)
            * NativeBackend.ChunkCount(g.FiltersPerGroup, BlockSide);
        return tiles <= FewTiles && blocks >= EnoughBlocks;
    }

    // Of a tiling as it is chosen for other passes, or for this one: only its count of tiles matters.
    private static Division DivisionOf(WinogradTiling tiling)
    {
        ConvolutionGeometry g = tiling.Geometry;
        if (SumsByBlocks(g, tiling.TileCount))
            return Division.ByBlocks;
        bool isSmall = tiling.FiltersFloats(g.FiltersPerGroup, g.ChannelsPerGroup) <= SmallFilters;
        return isSmall && tiling.TileCount / TilesPerRun(g) >= EnoughRuns ? Division.ByRuns : Division.ByPoints;
    }

    private static int TilesPerRun(in ConvolutionGeometry g)
    {
        long channels = g.ChannelsPerGroup;
        long filters = g.FiltersPerGroup;
        return NativeBackend.ChunkCount(RunPerFilters * channels * filters, channels + filters);
    }

    // Null for the tiles of a run, which are those of a core's own cache.
    private static int? TilesPerChunk(nativecnn_winograd_kind kind, in ConvolutionGeometry g)
    {
        if (DivisionOf(new WinogradTiling(kind, g)) == Division.ByRuns)
            return null;
        int floats = WinogradTiling.PointsOf(kind) * (g.ChannelsPerGroup + g.FiltersPerGroup);
        return (int)Math.Clamp(BatchFloats / floats, MinTilesPerChunk, MaxTilesPerChunk);
    }

    public override void Run(in ConvolutionOperands operands)
    {
        for (int group = 0; group < Geometry.Groups; group++)
        {
            if (_division == Division.ByRuns)
            {
                RunByRuns(new Work(this, group, IndexRange.All(Tiling.ChunkCount), operands));
                continue;
            }
            for (int batch = 0; batch < _batches; batch++)
                RunBatch(new Work(this, group, IndexRange.Part(Tiling.ChunkCount, _batches, batch), operands));
        }
    }

    private void RunByRuns(Work work)
    {
        var runs = new RunWork(work);
        Pool.Run(ref runs, _runs);
        PartialSums.AddUp(Pool, Scratch.Shared, _runs, _sumFloats);
        RunFilters(work);
    }

    private void RunBatch(Work work)
    {
        var transforms = new TransformWork(work);
        Pool.Run(ref transforms, work.Chunks.Count * transforms.Blocks);
        if (_division == Division.ByBlocks)
        {
            var blocks = new BlockWork(work);
            Pool.Run(ref blocks, blocks.Rows * blocks.Columns);
            return;
        }
        var points = new PointWork(work);
        Pool.Run(ref points, Points * points.Columns);
        if (work.Chunks.End == Tiling.ChunkCount)
            RunFilters(work);
    }

    private void RunFilters(Work work)
    {
        var filters = new FilterWork(work);
        Pool.Run(ref filters, filters.Rows * filters.Columns);
    }

    // What the chunks of all kinds are made of, for one group and one batch of chunks of tiles.
    private readonly struct Work(
        WinogradBackwardFilter owner,
        int group,
        IndexRange chunks,
        ConvolutionOperands operands
    )
    {
        public WinogradBackwardFilter Owner => owner;

        public IndexRange Chunks => chunks;

        public int Channels => owner.Geometry.ChannelsPerGroup;

        public int Filters => owner.Geometry.FiltersPerGroup;

        // The part of dU that starts at a channel and a filter, which begin a block of columns and one of rows.
        public float* Sums(int channel, int filter) =>
            owner.Scratch.Shared
            + channel / WinogradTiling.ColumnBlock * FilterFloats(Filters)
            + (filter == 0 ? 0 : FilterFloats(filter));

        // The shared tiles of a chunk: inputs, and behind them output gradients.
        public float* Tiles(int chunk) =>
            owner.Scratch.Shared + owner._sumFloats + (chunk - chunks.First) * owner._tileFloats;

        public void TransformInput(int chunk, IndexRange channels, float* tiles) =>
            owner.Tiling.TransformInput(
                group,
                owner.Tiling.Chunk(chunk),
                channels,
                operands.Input,
                tiles + Offset(chunk, channels.First)
            );

        public void TransformGradient(int chunk, IndexRange filters, float* tiles) =>
            owner.Tiling.TransformOutputGradient(
                group,
                owner.Tiling.Chunk(chunk),
                filters,
                operands.Output,
                tiles + owner._inputFloats + Offset(chunk, filters.First)
            );

        // D[tiles×filters]ᵀ · V[tiles×channels] → dU[filters×channels] at some points
        public void Multiply(
            int chunk,
            IndexRange channels,
            IndexRange filters,
            IndexRange points,
            float* tiles,
            bool accumulate,
            float* sums
        ) =>
            Shim.nativecnn_winograd_gradient_product(
                owner.Tiling.Kind,
                owner.Tiling.Chunk(chunk).Count,
                channels.Count,
                filters.Count,
                tiles + Offset(chunk, channels.First),
                tiles + owner._inputFloats + Offset(chunk, filters.First),
                points,
                accumulate ? 1 : 0,
                sums
            );

        // The same over all shared tiles.
        public void MultiplyAll(IndexRange channels, IndexRange filters, IndexRange points, float* sums)
        {
            for (int chunk = chunks.First; chunk < chunks.End; chunk++)
                Multiply(chunk, channels, filters, points, Tiles(chunk), accumulate: chunk > 0, sums);
        }

        public void AddToFilters(float* sums, IndexRange channels, IndexRange filters)
        {
            ConvolutionGeometry g = owner.Geometry;
            Shim.nativecnn_winograd_filter_gradient_transform(
                owner.Tiling.Kind,
                (nativecnn_convolution_geometry*)&g,
                sums,
                group,
                channels,
                filters,
                operands.Filters
            );
        }

        // Where a channel's tiles begin.
        private long Offset(int chunk, int channel) =>
            channel / WinogradTiling.ChannelBlock * owner.Tiling.ChannelBlockFloats(owner.Tiling.Chunk(chunk).Count)
            + channel % WinogradTiling.ChannelBlock;

        private long FilterFloats(int filters) => owner.Tiling.FiltersFloats(filters, WinogradTiling.ColumnBlock);
    }

    private readonly struct TransformWork(Work work) : IParallelWork
    {
        public int Blocks => InputBlocks + BlocksOf(work.Filters);

        private int InputBlocks => BlocksOf(work.Channels);

        public void Run(int chunk, int worker)
        {
            (int tiles, int block) = Math.DivRem(chunk, Blocks);
            tiles += work.Chunks.First;
            if (block < InputBlocks)
            {
                IndexRange channels = IndexRange.Block(work.Channels, PerChunk, block);
                work.TransformInput(tiles, channels, work.Tiles(tiles));
            }
            else
            {
                IndexRange filters = IndexRange.Block(work.Filters, PerChunk, block - InputBlocks);
                work.TransformGradient(tiles, filters, work.Tiles(tiles));
            }
        }

        private int PerChunk => work.Owner._channelsPerTransform;

        private int BlocksOf(int channels) => NativeBackend.ChunkCount(channels, PerChunk);
    }

    // One point of some channels and all filters.
    private readonly struct PointWork(Work work) : IParallelWork
    {
        public int Columns => NativeBackend.ChunkCount(work.Channels, work.Owner._columnsPerChunk);

        public void Run(int chunk, int worker)
        {
            // One thread's chunks follow each other: the same point, so that its D stays in the thread's cache.
            (int point, int column) = Math.DivRem(chunk, Columns);
            IndexRange channels = IndexRange.Block(work.Channels, work.Owner._columnsPerChunk, column);
            IndexRange points = new(point, 1);
            work.MultiplyAll(channels, IndexRange.All(work.Filters), points, work.Sums(channels.First, 0));
        }
    }

    // A run of tiles: all points of all channels and filters.
    private readonly struct RunWork(Work work) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            WinogradBackwardFilter owner = work.Owner;
            IndexRange run = IndexRange.Part(owner.Tiling.ChunkCount, owner._runs, chunk);
            IndexRange channels = IndexRange.All(work.Channels);
            IndexRange filters = IndexRange.All(work.Filters);
            float* tiles = owner.Scratch.Private(worker);
            float* sums = owner.Scratch.Shared + chunk * owner._sumFloats;
            for (int k = run.First; k < run.End; k++)
            {
                work.TransformInput(k, channels, tiles);
                work.TransformGradient(k, filters, tiles);
                work.Multiply(k, channels, filters, IndexRange.All(owner.Points), tiles, k > run.First, sums);
            }
        }
    }

    // dU back to the filter gradient, for some channels and filters.
    private readonly struct FilterWork(Work work) : IParallelWork
    {
        public int Rows => NativeBackend.ChunkCount(work.Filters, work.Owner._rowsPerChunk);

        public int Columns => NativeBackend.ChunkCount(work.Channels, WinogradTiling.ColumnBlock);

        public void Run(int chunk, int worker)
        {
            (int column, int row) = Math.DivRem(chunk, Rows);
            IndexRange channels = IndexRange.Block(work.Channels, WinogradTiling.ColumnBlock, column);
            IndexRange filters = IndexRange.Block(work.Filters, work.Owner._rowsPerChunk, row);
            work.AddToFilters(work.Sums(channels.First, filters.First), channels, filters);
        }
    }

    // All points of a block of filters and channels.
    private readonly struct BlockWork(Work work) : IParallelWork
    {
        public int Rows => NativeBackend.ChunkCount(work.Filters, BlockSide);

        public int Columns => NativeBackend.ChunkCount(work.Channels, BlockSide);

        public void Run(int chunk, int worker)
        {
            (int row, int column) = Math.DivRem(chunk, Columns);
            IndexRange filters = IndexRange.Block(work.Filters, BlockSide, row);
            IndexRange channels = IndexRange.Block(work.Channels, BlockSide, column);
            float* sums = work.Owner.Scratch.Private(worker);
            work.MultiplyAll(channels, filters, IndexRange.All(work.Owner.Points), sums);
            work.AddToFilters(sums, channels, filters);
        }
    }
}

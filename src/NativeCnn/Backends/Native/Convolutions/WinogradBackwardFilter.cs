using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-filter in the Winograd domain: dw = Gᵀ[Σ_tiles (Bᵀ x B) ⊙ (A dy Aᵀ)]G, the sums as P matrix products
/// D[tiles×filters]ᵀ · V[tiles×channels] → dU[filters×channels].
/// </summary>
/// <remarks>
/// Small filters are summed over several runs of tiles apart and the runs added in their order. Large ones are divided
/// by filters and channels instead: all tiles are transformed first, once for all.
/// </remarks>
internal sealed unsafe class WinogradBackwardFilter : WinogradAlgorithm
{
    private const int WantedRuns = 16;

    // Floats of dU up to which every run keeps its own (4 MB).
    private const long SmallFilters = 1L << 20;

    // Filters and channels of one chunk where they are divided; multiples of the blocks in which tiles lie.
    private const int RangePerChunk = 128;

    private readonly bool _transformsFirst;
    private readonly int _runs;
    private readonly long _sumFloats;
    private readonly long _inputFloats;
    private readonly long _gradientFloats;

    public WinogradBackwardFilter(
        nativecnn_winograd_kind kind,
        in ConvolutionGeometry geometry,
        WorkerPool pool,
        Scratch scratch
    )
        : base(kind, geometry, pool, scratch)
    {
        int channels = geometry.ChannelsPerGroup;
        int filters = geometry.FiltersPerGroup;
        _sumFloats = Tiling.FiltersFloats(filters, channels);
        _inputFloats = Tiling.TilesFloats(channels);
        _gradientFloats = Tiling.TilesFloats(filters);
        _transformsFirst = _sumFloats > SmallFilters;
        if (_transformsFirst)
        {
            _runs = 1;
            scratch.RequireShared(Tiling.ChunkCount * (_inputFloats + _gradientFloats));
            scratch.RequirePrivate(Tiling.FiltersFloats(RangePerChunk, RangePerChunk));
        }
        else
        {
            _runs = Math.Min(WantedRuns, Tiling.ChunkCount);
            scratch.RequireShared(_runs * _sumFloats);
            scratch.RequirePrivate(_inputFloats + _gradientFloats);
        }
    }

    public override void Run(in ConvolutionOperands operands)
    {
        for (int group = 0; group < Geometry.Groups; group++)
        {
            var work = new Work(this, group, operands);
            if (_transformsFirst)
            {
                var transforms = new TransformWork(work);
                Pool.Run(ref transforms, Tiling.ChunkCount * transforms.Blocks);
                var blocks = new BlockWork(work);
                Pool.Run(ref blocks, blocks.Rows * blocks.Columns);
            }
            else
            {
                var runs = new RunWork(work);
                Pool.Run(ref runs, _runs);
                var sums = new SumWork(work);
                Pool.Run(ref sums, NativeBackend.ChunkCount(work.Channels, WinogradTiling.ColumnBlock));
            }
        }
    }

    // What the chunks of all four kinds are made of, for one group.
    private readonly struct Work(WinogradBackwardFilter owner, int group, ConvolutionOperands operands)
    {
        public WinogradBackwardFilter Owner => owner;

        public int Channels => owner.Geometry.ChannelsPerGroup;

        public int Filters => owner.Geometry.FiltersPerGroup;

        // The part of a chunk's shared tiles that starts at a channel, or at a filter.
        public float* InputTiles(int chunk, int channel) =>
            owner.Scratch.Shared + chunk * owner._inputFloats + Offset(chunk, channel);

        public float* GradientTiles(int chunk, int filter) =>
            owner.Scratch.Shared
            + owner.Tiling.ChunkCount * owner._inputFloats
            + chunk * owner._gradientFloats
            + Offset(chunk, filter);

        public void TransformInput(int chunk, IndexRange channels, float* tiles) =>
            owner.Tiling.TransformInput(group, owner.Tiling.Chunk(chunk), channels, operands.Input, tiles);

        public void TransformGradient(int chunk, IndexRange filters, float* tiles) =>
            owner.Tiling.TransformOutputGradient(group, owner.Tiling.Chunk(chunk), filters, operands.Output, tiles);

        // D[tiles×filters]ᵀ · V[tiles×channels] → dU[filters×channels] at each point
        public void Multiply(
            int chunk,
            int channels,
            int filters,
            float* inputTiles,
            float* gradientTiles,
            bool accumulate,
            float* sums
        ) =>
            Shim.nativecnn_winograd_gradient_product(
                owner.Tiling.Kind,
                owner.Tiling.Chunk(chunk).Count,
                channels,
                filters,
                inputTiles,
                gradientTiles,
                accumulate ? 1 : 0,
                sums
            );

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

        private long Offset(int chunk, int channel) =>
            channel / WinogradTiling.ChannelBlock * owner.Tiling.ChannelBlockFloats(owner.Tiling.Chunk(chunk).Count);
    }

    private readonly struct RunWork(Work work) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            WinogradBackwardFilter owner = work.Owner;
            IndexRange run = IndexRange.Part(owner.Tiling.ChunkCount, owner._runs, chunk);
            float* inputTiles = owner.Scratch.Private(worker);
            float* gradientTiles = inputTiles + owner._inputFloats;
            float* sums = owner.Scratch.Shared + chunk * owner._sumFloats;
            for (int tiles = run.First; tiles < run.End; tiles++)
            {
                work.TransformInput(tiles, IndexRange.All(work.Channels), inputTiles);
                work.TransformGradient(tiles, IndexRange.All(work.Filters), gradientTiles);
                work.Multiply(tiles, work.Channels, work.Filters, inputTiles, gradientTiles, tiles > run.First, sums);
            }
        }
    }

    private readonly struct SumWork(Work work) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            WinogradBackwardFilter owner = work.Owner;
            long floats = owner.Tiling.FiltersFloats(work.Filters, WinogradTiling.ColumnBlock);
            float* first = owner.Scratch.Shared + chunk * floats;
            for (int run = 1; run < owner._runs; run++)
            {
                float* other = first + run * owner._sumFloats;
                Shim.nativecnn_accumulate(other, floats, first);
            }
            IndexRange channels = IndexRange.Block(work.Channels, WinogradTiling.ColumnBlock, chunk);
            work.AddToFilters(first, channels, IndexRange.All(work.Filters));
        }
    }

    private readonly struct TransformWork(Work work) : IParallelWork
    {
        public int Blocks => InputBlocks + BlocksOf(work.Filters);

        private int InputBlocks => BlocksOf(work.Channels);

        public void Run(int chunk, int worker)
        {
            (int tiles, int block) = Math.DivRem(chunk, Blocks);
            if (block < InputBlocks)
            {
                IndexRange channels = IndexRange.Block(work.Channels, WinogradTiling.ChannelBlock, block);
                work.TransformInput(tiles, channels, work.InputTiles(tiles, channels.First));
            }
            else
            {
                IndexRange filters = IndexRange.Block(work.Filters, WinogradTiling.ChannelBlock, block - InputBlocks);
                work.TransformGradient(tiles, filters, work.GradientTiles(tiles, filters.First));
            }
        }

        private static int BlocksOf(int channels) => NativeBackend.ChunkCount(channels, WinogradTiling.ChannelBlock);
    }

    private readonly struct BlockWork(Work work) : IParallelWork
    {
        public int Rows => NativeBackend.ChunkCount(work.Filters, RangePerChunk);

        public int Columns => NativeBackend.ChunkCount(work.Channels, RangePerChunk);

        public void Run(int chunk, int worker)
        {
            WinogradBackwardFilter owner = work.Owner;
            (int row, int column) = Math.DivRem(chunk, Columns);
            IndexRange filters = IndexRange.Block(work.Filters, RangePerChunk, row);
            IndexRange channels = IndexRange.Block(work.Channels, RangePerChunk, column);
            float* sums = owner.Scratch.Private(worker);
            for (int tiles = 0; tiles < owner.Tiling.ChunkCount; tiles++)
            {
                work.Multiply(
                    tiles,
                    channels.Count,
                    filters.Count,
                    work.InputTiles(tiles, channels.First),
                    work.GradientTiles(tiles, filters.First),
                    tiles > 0,
                    sums
                );
            }
            work.AddToFilters(sums, channels, filters);
        }
    }
}

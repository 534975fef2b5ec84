using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-filter in the Winograd domain: dw = Gᵀ[Σ_tiles (Bᵀ x B) ⊙ (A dy Aᵀ)]G, the sums as P matrix products
/// D[tiles×filters]ᵀ · V[tiles×channels] → dU[filters×channels].
/// </summary>
/// <remarks>
/// Small filters are summed over several runs of tiles apart and the runs added in their order. Large ones are divided by filters and
/// channels instead: all tiles are transformed first, once for all.
/// </remarks>
internal sealed unsafe class WinogradBackwardFilter : IConvolutionAlgorithm
{
    private const int WantedRuns = 16;

    // Floats of dU up to which every run keeps its own (4 MB).
    private const long SmallFilters = 1L << 20;

    // Filters and channels of one chunk where they are divided; multiples of the blocks in which tiles lie.
    private const int BlockRange = 128;
    private const int ColumnBlock = 16;

    private readonly ConvolutionGeometry _geometry;
    private readonly WinogradTiling _tiling;
    private readonly WorkerPool _pool;
    private readonly Workspace _workspace;
    private readonly bool _transformsFirst;
    private readonly int _runs;
    private readonly long _sumFloats;
    private readonly long _inputFloats;
    private readonly long _gradientFloats;

    public WinogradBackwardFilter(
        nativecnn_winograd_kind kind,
        in ConvolutionGeometry geometry,
        WorkerPool pool,
        Workspace workspace
    )
    {
        _geometry = geometry;
        _pool = pool;
        _workspace = workspace;
        _tiling = new WinogradTiling(kind, geometry);
        int channels = geometry.ChannelsPerGroup;
        int filters = geometry.FiltersPerGroup;
        _sumFloats = _tiling.FiltersFloats(filters, channels);
        _inputFloats = _tiling.TilesFloats(channels);
        _gradientFloats = _tiling.TilesFloats(filters);
        _transformsFirst = _sumFloats > SmallFilters;
        if (_transformsFirst)
        {
            _runs = 1;
            workspace.ReserveShared(_tiling.ChunkCount * (_inputFloats + _gradientFloats));
            workspace.ReservePrivate(_tiling.FiltersFloats(BlockRange, BlockRange));
        }
        else
        {
            _runs = Math.Min(WantedRuns, _tiling.ChunkCount);
            workspace.ReserveShared(_runs * _sumFloats);
            workspace.ReservePrivate(_inputFloats + _gradientFloats);
        }
    }

    public string Name => WinogradTiling.NameOf(_tiling.Kind);

    public void Run(in ConvolutionOperands operands)
    {
        for (int group = 0; group < _geometry.Groups; group++)
        {
            var work = new Work(this, group, operands.Input, operands.Output, operands.Filters);
            if (_transformsFirst)
            {
                var transforms = new TransformWork(work);
                _pool.Run(ref transforms, _tiling.ChunkCount * transforms.Blocks);
                var blocks = new BlockWork(work);
                _pool.Run(ref blocks, blocks.Rows * blocks.Columns);
            }
            else
            {
                var runs = new RunWork(work);
                _pool.Run(ref runs, _runs);
                var sums = new SumWork(work);
                _pool.Run(ref sums, (_geometry.ChannelsPerGroup + ColumnBlock - 1) / ColumnBlock);
            }
        }
    }

    private static int Blocks(int channels) =>
        (channels + WinogradTiling.ChannelBlock - 1) / WinogradTiling.ChannelBlock;

    private readonly struct Work(
        WinogradBackwardFilter owner,
        int group,
        float* input,
        float* outputGradient,
        float* filterGradient
    )
    {
        public WinogradBackwardFilter Owner => owner;

        public int Channels => owner._geometry.ChannelsPerGroup;

        public int Filters => owner._geometry.FiltersPerGroup;

        public float* InputTiles(int chunk) => owner._workspace.Shared + chunk * owner._inputFloats;

        public float* GradientTiles(int chunk) => InputTiles(owner._tiling.ChunkCount) + chunk * owner._gradientFloats;

        // The part of a chunk's tiles that starts at a channel.
        public long BlockOffset(int chunk, int channel) =>
            channel
            / WinogradTiling.ChannelBlock
            * Shim.nativecnn_winograd_tiles_size(
                owner._tiling.Kind,
                owner._tiling.TilesOf(chunk),
                WinogradTiling.ChannelBlock
            );

        public void TransformInput(int chunk, int channel, int channels, float* tiles) =>
            owner._tiling.TransformInput(group, chunk, channel, channels, input, tiles);

        public void TransformGradient(int chunk, int filter, int filters, float* tiles) =>
            owner._tiling.TransformGradient(group, chunk, filter, filters, outputGradient, tiles);

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
                owner._tiling.Kind,
                owner._tiling.TilesOf(chunk),
                channels,
                filters,
                inputTiles,
                gradientTiles,
                accumulate ? 1 : 0,
                sums
            );

        public void AddToFilters(float* sums, int channel, int channels, int filter, int filters)
        {
            ConvolutionGeometry g = owner._geometry;
            Shim.nativecnn_winograd_filter_gradient_transform(
                owner._tiling.Kind,
                (nativecnn_convolution_geometry*)&g,
                sums,
                group,
                new(channel, channels),
                new(filter, filters),
                filterGradient
            );
        }
    }

    private readonly struct RunWork(Work work) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            WinogradBackwardFilter owner = work.Owner;
            int begin = (int)((long)owner._tiling.ChunkCount * chunk / owner._runs);
            int end = (int)((long)owner._tiling.ChunkCount * (chunk + 1) / owner._runs);
            float* inputTiles = owner._workspace.Private(worker);
            float* gradientTiles = inputTiles + owner._inputFloats;
            float* sums = owner._workspace.Shared + chunk * owner._sumFloats;
            for (int tiles = begin; tiles < end; tiles++)
            {
                work.TransformInput(tiles, 0, work.Channels, inputTiles);
                work.TransformGradient(tiles, 0, work.Filters, gradientTiles);
                work.Multiply(tiles, work.Channels, work.Filters, inputTiles, gradientTiles, tiles > begin, sums);
            }
        }
    }

    private readonly struct SumWork(Work work) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            WinogradBackwardFilter owner = work.Owner;
            int channel = chunk * ColumnBlock;
            int channels = Math.Min(ColumnBlock, work.Channels - channel);
            long floats = owner._tiling.FiltersFloats(work.Filters, ColumnBlock);
            float* first = owner._workspace.Shared + chunk * floats;
            for (int run = 1; run < owner._runs; run++)
            {
                Shim.nativecnn_accumulate(first + run * owner._sumFloats, floats, first);
            }
            work.AddToFilters(first, channel, channels, 0, work.Filters);
        }
    }

    private readonly struct TransformWork(Work work) : IParallelWork
    {
        public int Blocks => WinogradBackwardFilter.Blocks(work.Channels) + WinogradBackwardFilter.Blocks(work.Filters);

        public void Run(int chunk, int worker)
        {
            (int tiles, int block) = Math.DivRem(chunk, Blocks);
            int inputBlocks = WinogradBackwardFilter.Blocks(work.Channels);
            bool isInput = block < inputBlocks;
            int first = (isInput ? block : block - inputBlocks) * WinogradTiling.ChannelBlock;
            int count = Math.Min(WinogradTiling.ChannelBlock, (isInput ? work.Channels : work.Filters) - first);
            long offset = work.BlockOffset(tiles, first);
            if (isInput)
                work.TransformInput(tiles, first, count, work.InputTiles(tiles) + offset);
            else
                work.TransformGradient(tiles, first, count, work.GradientTiles(tiles) + offset);
        }
    }

    private readonly struct BlockWork(Work work) : IParallelWork
    {
        public int Rows => (work.Filters + BlockRange - 1) / BlockRange;

        public int Columns => (work.Channels + BlockRange - 1) / BlockRange;

        public void Run(int chunk, int worker)
        {
            WinogradBackwardFilter owner = work.Owner;
            (int row, int column) = Math.DivRem(chunk, Columns);
            int filter = row * BlockRange;
            int filters = Math.Min(BlockRange, work.Filters - filter);
            int channel = column * BlockRange;
            int channels = Math.Min(BlockRange, work.Channels - channel);
            float* sums = owner._workspace.Private(worker);
            for (int tiles = 0; tiles < owner._tiling.ChunkCount; tiles++)
            {
                work.Multiply(
                    tiles,
                    channels,
                    filters,
                    work.InputTiles(tiles) + work.BlockOffset(tiles, channel),
                    work.GradientTiles(tiles) + work.BlockOffset(tiles, filter),
                    tiles > 0,
                    sums
                );
            }
            work.AddToFilters(sums, channel, channels, filter, filters);
        }
    }
}

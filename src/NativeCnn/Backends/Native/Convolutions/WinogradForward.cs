using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Forward by Winograd's algorithm: Y = Aᵀ[(G w Gᵀ) ⊙ (Bᵀ x B)]A, the element-wise products summed over channels as P matrix
/// products V[tiles×channels] · U[channels×filters] → M[tiles×filters]; bias and activation finish the warm tile. Backward-data is
/// the same over the output gradient with turned filters.
/// </summary>
/// <remarks>
/// Large maps run tile chunk by tile chunk, all in a core's own cache. Small maps with many filters have too few chunks for
/// that: their inputs are transformed first, once for all, and the filters then divided among the threads.
/// </remarks>
internal sealed unsafe class WinogradForward : IConvolutionAlgorithm
{
    private const int FilterBlock = 16;

    // Filters of one chunk where filters are divided: wide enough to pay for reading the tiles again.
    private const int FiltersPerChunk = 64;
    private const int WantedChunks = 16;

    private readonly ConvolutionGeometry _original;
    private readonly ConvolutionGeometry _geometry;
    private readonly WinogradTiling _tiling;
    private readonly WorkerPool _pool;
    private readonly Workspace _workspace;
    private readonly bool _backwardData;
    private readonly bool _transformsFirst;
    private readonly long _filterFloats;
    private readonly long _tileFloats;

    /// <param name="kind">Which tiles.</param>
    /// <param name="geometry">The forward convolution's sizes, in both passes.</param>
    /// <param name="backwardData">Whether the input gradient is computed.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="workspace">The scratch memory.</param>
    public WinogradForward(
        nativecnn_winograd_kind kind,
        in ConvolutionGeometry geometry,
        bool backwardData,
        WorkerPool pool,
        Workspace workspace
    )
    {
        _original = geometry;
        _geometry = backwardData ? geometry.BackwardData() : geometry;
        _backwardData = backwardData;
        _pool = pool;
        _workspace = workspace;
        _tiling = new WinogradTiling(kind, _geometry);
        int channels = _geometry.ChannelsPerGroup;
        int filters = _geometry.FiltersPerGroup;
        _filterFloats = _tiling.FiltersFloats(channels, filters);
        _tileFloats = _tiling.TilesFloats(channels);
        _transformsFirst = _tiling.ChunkCount < WantedChunks && filters > FiltersPerChunk;
        if (_transformsFirst)
        {
            workspace.ReserveShared(_filterFloats + _tiling.ChunkCount * _tileFloats);
            workspace.ReservePrivate(_tiling.TilesFloats(FiltersPerChunk));
        }
        else
        {
            workspace.ReserveShared(_filterFloats);
            workspace.ReservePrivate(_tileFloats + _tiling.TilesFloats(filters));
        }
    }

    public string Name => WinogradTiling.NameOf(_tiling.Kind);

    public void Run(in ConvolutionOperands operands)
    {
        for (int group = 0; group < _geometry.Groups; group++)
        {
            var filters = new FilterWork(this, group, operands.Filters);
            _pool.Run(ref filters, (_geometry.FiltersPerGroup + FilterBlock - 1) / FilterBlock);
            float* input = _backwardData ? operands.Output : operands.Input;
            float* output = _backwardData ? operands.Input : operands.Output;
            var tiles = new TileWork(this, group, input, operands.Bias, operands.Activation, output);
            if (!_transformsFirst)
            {
                _pool.Run(ref tiles, _tiling.ChunkCount);
                continue;
            }
            var transform = new InputWork(this, group, input);
            _pool.Run(ref transform, _tiling.ChunkCount * transform.Blocks);
            var products = new ProductWork(tiles);
            _pool.Run(ref products, _tiling.ChunkCount * FilterChunks);
        }
    }

    private int FilterChunks => (_geometry.FiltersPerGroup + FiltersPerChunk - 1) / FiltersPerChunk;

    private float* Filters => _workspace.Shared;

    private float* SharedTiles(int chunk) => _workspace.Shared + _filterFloats + chunk * _tileFloats;

    // U of a range of filters that starts at a multiple of 16.
    private float* FiltersFrom(int filter) =>
        Filters
        + filter / FilterBlock * (_filterFloats / ((_geometry.FiltersPerGroup + FilterBlock - 1) / FilterBlock));

    private readonly struct FilterWork(WinogradForward owner, int group, float* filters) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner._original;
            int filter = chunk * FilterBlock;
            Shim.nativecnn_winograd_filter_transform(
                owner._tiling.Kind,
                (nativecnn_convolution_geometry*)&g,
                filters,
                group,
                owner._backwardData
                    ? nativecnn_winograd_filters.NATIVECNN_WINOGRAD_FILTERS_FLIPPED
                    : nativecnn_winograd_filters.NATIVECNN_WINOGRAD_FILTERS_FORWARD,
                new(filter, Math.Min(FilterBlock, owner._geometry.FiltersPerGroup - filter)),
                owner.FiltersFrom(filter)
            );
        }
    }

    private readonly struct InputWork(WinogradForward owner, int group, float* input) : IParallelWork
    {
        public int Blocks =>
            (owner._geometry.ChannelsPerGroup + WinogradTiling.ChannelBlock - 1) / WinogradTiling.ChannelBlock;

        public void Run(int chunk, int worker)
        {
            (int tileChunk, int block) = Math.DivRem(chunk, Blocks);
            int channel = block * WinogradTiling.ChannelBlock;
            int channels = Math.Min(WinogradTiling.ChannelBlock, owner._geometry.ChannelsPerGroup - channel);
            float* tiles = owner.SharedTiles(tileChunk) + block * owner.BlockFloats(tileChunk);
            owner._tiling.TransformInput(group, tileChunk, channel, channels, input, tiles);
        }
    }

    // Floats of one block of channels in the buffer of a chunk's tiles.
    private long BlockFloats(int chunk) =>
        Shim.nativecnn_winograd_tiles_size(_tiling.Kind, _tiling.TilesOf(chunk), WinogradTiling.ChannelBlock);

    private readonly struct TileWork(
        WinogradForward owner,
        int group,
        float* input,
        float* bias,
        Activation activation,
        float* output
    ) : IParallelWork
    {
        public WinogradForward Owner => owner;

        public void Run(int chunk, int worker)
        {
            float* tiles = owner._workspace.Private(worker);
            ConvolutionGeometry g = owner._geometry;
            owner._tiling.TransformInput(group, chunk, 0, g.ChannelsPerGroup, input, tiles);
            Multiply(chunk, tiles, 0, g.FiltersPerGroup, tiles + owner._tileFloats);
        }

        // V[tiles×channels] · U[channels×filters] → M[tiles×filters] at each point, then the output of those filters.
        public void Multiply(int chunk, float* tiles, int filter, int filters, float* products)
        {
            ConvolutionGeometry g = owner._geometry;
            Activation f = activation;
            nativecnn_winograd_kind kind = owner._tiling.Kind;
            Shim.nativecnn_winograd_product(
                kind,
                owner._tiling.TilesOf(chunk),
                g.ChannelsPerGroup,
                filters,
                tiles,
                owner.FiltersFrom(filter),
                products
            );
            Shim.nativecnn_winograd_output_transform(
                kind,
                (nativecnn_convolution_geometry*)&g,
                products,
                group,
                new((long)chunk * owner._tiling.TilesPerChunk, owner._tiling.TilesOf(chunk)),
                new(filter, filters),
                bias,
                (nativecnn_activation*)&f,
                output
            );
        }
    }

    private readonly struct ProductWork(TileWork tiles) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            WinogradForward owner = tiles.Owner;
            // One thread's chunks follow each other: the same filters for all tiles, so that they stay in its cache.
            (int part, int tileChunk) = Math.DivRem(chunk, owner._tiling.ChunkCount);
            int filter = part * FiltersPerChunk;
            int filters = Math.Min(FiltersPerChunk, owner._geometry.FiltersPerGroup - filter);
            tiles.Multiply(tileChunk, owner.SharedTiles(tileChunk), filter, filters, owner._workspace.Private(worker));
        }
    }
}

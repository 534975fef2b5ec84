using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-data as the adjoint of forward, step by step: dX = Σ_tiles B[(A dy Aᵀ) ⊙ (G w Gᵀ)]Bᵀ, the sums over filters as P matrix
/// products D[tiles×filters] · U[filters×channels] → M[tiles×channels], whose tiles overlap in the input gradient.
/// </summary>
/// <remarks>
/// Its tiles are those of the output: without padding far fewer than those of the input, over which <see cref="WinogradForward"/>
/// runs with turned filters. A thread takes whole images, so that overlapping tiles are added in one order.
/// </remarks>
internal sealed unsafe class WinogradAdjoint : IConvolutionAlgorithm
{
    private const int ChannelsPerChunk = 16;

    private readonly ConvolutionGeometry _geometry;
    private readonly WinogradTiling _tiling;
    private readonly WorkerPool _pool;
    private readonly Workspace _workspace;
    private readonly long _filterFloats;
    private readonly long _gradientFloats;
    private readonly int _images;

    public WinogradAdjoint(
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
        _images = Math.Max(1, _tiling.TilesPerChunk / TilesPerImage);
        _filterFloats = _tiling.FiltersFloats(filters, channels);
        _gradientFloats = _tiling.TilesFloats(filters);
        workspace.ReserveShared(_filterFloats);
        workspace.ReservePrivate(_gradientFloats + _tiling.TilesFloats(channels));
    }

    public string Name => $"{WinogradTiling.NameOf(_tiling.Kind)}, adjoint";

    public void Run(in ConvolutionOperands operands)
    {
        for (int group = 0; group < _geometry.Groups; group++)
        {
            var filters = new FilterWork(this, group, operands.Filters);
            _pool.Run(ref filters, (_geometry.ChannelsPerGroup + ChannelsPerChunk - 1) / ChannelsPerChunk);
            var images = new ImageWork(this, group, operands.Output, operands.Input);
            _pool.Run(ref images, (_geometry.Batch + _images - 1) / _images);
        }
    }

    private int TilesPerImage => _tiling.TileCount / _geometry.Batch;

    private readonly struct FilterWork(WinogradAdjoint owner, int group, float* filters) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner._geometry;
            int channel = chunk * ChannelsPerChunk;
            long floats = owner._tiling.FiltersFloats(g.FiltersPerGroup, ChannelsPerChunk);
            Shim.nativecnn_winograd_filter_transform(
                owner._tiling.Kind,
                (nativecnn_convolution_geometry*)&g,
                filters,
                group,
                nativecnn_winograd_filters.NATIVECNN_WINOGRAD_FILTERS_ADJOINT,
                new(channel, Math.Min(ChannelsPerChunk, g.ChannelsPerGroup - channel)),
                owner._workspace.Shared + chunk * floats
            );
        }
    }

    private readonly struct ImageWork(WinogradAdjoint owner, int group, float* outputGradient, float* inputGradient)
        : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner._geometry;
            int image = chunk * owner._images;
            int images = Math.Min(owner._images, g.Batch - image);
            // The groups write to channels of the same pixels: the first clears them all.
            if (group == 0)
                new Span<float>(
                    inputGradient + (long)image * g.Input.ExampleCount,
                    images * g.Input.ExampleCount
                ).Clear();
            int end = (image + images) * owner.TilesPerImage;
            for (int tile = image * owner.TilesPerImage; tile < end; tile += owner._tiling.TilesPerChunk)
                AddTiles(tile, Math.Min(owner._tiling.TilesPerChunk, end - tile), owner._workspace.Private(worker));
        }

        private void AddTiles(int tile, int tiles, float* gradientTiles)
        {
            ConvolutionGeometry g = owner._geometry;
            var geometry = (nativecnn_convolution_geometry*)&g;
            nativecnn_winograd_kind kind = owner._tiling.Kind;
            float* products = gradientTiles + owner._gradientFloats;
            Shim.nativecnn_winograd_output_gradient_transform(
                kind,
                geometry,
                outputGradient,
                group,
                new(tile, tiles),
                new(0, g.FiltersPerGroup),
                gradientTiles
            );
            // D[tiles×filters] · U[filters×channels] → M[tiles×channels] at each point
            Shim.nativecnn_winograd_product(
                kind,
                tiles,
                g.FiltersPerGroup,
                g.ChannelsPerGroup,
                gradientTiles,
                owner._workspace.Shared,
                products
            );
            Shim.nativecnn_winograd_input_gradient_transform(
                kind,
                geometry,
                products,
                group,
                new(tile, tiles),
                new(0, g.ChannelsPerGroup),
                inputGradient
            );
        }
    }
}

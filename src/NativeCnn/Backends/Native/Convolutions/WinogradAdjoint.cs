using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-data as the adjoint of forward, step by step: dX = Σ_tiles B[(A dy Aᵀ) ⊙ (G w Gᵀ)]Bᵀ, the sums over filters
/// as P matrix products D[tiles×filters] · U[filters×channels] → M[tiles×channels], whose tiles overlap in the input
/// gradient.
/// </summary>
/// <remarks>
/// Its tiles are those of the output: without padding far fewer than those of the input, over which
/// <see cref="WinogradForward"/> runs with flipped filters. A thread takes whole images, so that overlapping tiles are
/// added in one order.
/// </remarks>
internal sealed unsafe class WinogradAdjoint : WinogradAlgorithm
{
    // Chunks that suffice up to eight threads; and tiles of a chunk at least, where more are wanted.
    private const int FewChunks = 16;
    private const int FewestTiles = 8;

    private readonly long _gradientFloats;
    private readonly int _tilesPerImage;
    private readonly int _imagesPerChunk;

    public WinogradAdjoint(
        nativecnn_winograd_kind kind,
        in ConvolutionGeometry geometry,
        WorkerPool pool,
        Scratch scratch
    )
        : base(kind, geometry, pool, scratch)
    {
        _tilesPerImage = Tiling.TileCount / geometry.BatchSize;
        int most = Math.Max(1, Tiling.TilesPerChunk / _tilesPerImage);
        int least = NativeBackend.ChunkCount(FewestTiles, _tilesPerImage);
        _imagesPerChunk =
            pool.WantedChunks <= FewChunks
                ? most
                : Math.Clamp(geometry.BatchSize / pool.WantedChunks, Math.Min(least, most), most);
        int channels = geometry.ChannelsPerGroup;
        int filters = geometry.FiltersPerGroup;
        _gradientFloats = Tiling.TilesFloats(filters);
        scratch.Packed.Require(Tiling.FiltersFloats(filters, channels), geometry.Groups);
        scratch.RequirePrivate(_gradientFloats + Tiling.TilesFloats(channels));
    }

    public override void Run(in ConvolutionOperands operands)
    {
        new WinogradFilterTransform(
            Tiling,
            Geometry,
            nativecnn_winograd_filters.NATIVECNN_WINOGRAD_FILTERS_ADJOINT,
            operands.Filters,
            Scratch,
            Pool.WantedChunks
        ).Transform(Pool);
        for (int group = 0; group < Geometry.Groups; group++)
        {
            var images = new ImageWork(this, group, operands);
            Pool.Run(ref images, NativeBackend.ChunkCount(Geometry.BatchSize, _imagesPerChunk));
        }
    }

    private readonly struct ImageWork(WinogradAdjoint owner, int group, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            IndexRange images = IndexRange.Block(g.BatchSize, owner._imagesPerChunk, chunk);
            int elements = g.Input.ElementsPerExample;
            // The groups write to channels of the same pixels: the first clears them all.
            if (group == 0)
                new Span<float>(operands.Input + (long)images.First * elements, images.Count * elements).Clear();
            int end = images.End * owner._tilesPerImage;
            int most = owner.Tiling.TilesPerChunk;
            for (int tile = images.First * owner._tilesPerImage; tile < end; tile += most)
                AddTiles(new IndexRange(tile, Math.Min(most, end - tile)), owner.Scratch.Private(worker));
        }

        private void AddTiles(IndexRange tiles, float* gradientTiles)
        {
            ConvolutionGeometry g = owner.Geometry;
            float* products = gradientTiles + owner._gradientFloats;
            owner.Tiling.TransformOutputGradient(
                group,
                tiles,
                IndexRange.All(g.FiltersPerGroup),
                operands.Output,
                gradientTiles
            );
            // D[tiles×filters] · U[filters×channels] → M[tiles×channels] at each point
            Shim.nativecnn_winograd_product(
                owner.Tiling.Kind,
                tiles.Count,
                g.FiltersPerGroup,
                g.ChannelsPerGroup,
                gradientTiles,
                owner.Scratch.PackedOf(group),
                products
            );
            Shim.nativecnn_winograd_input_gradient_transform(
                owner.Tiling.Kind,
                (nativecnn_convolution_geometry*)&g,
                products,
                group,
                tiles,
                IndexRange.All(g.ChannelsPerGroup),
                operands.Input
            );
        }
    }
}

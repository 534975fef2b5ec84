using NativeCnn.Backends.Operations;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Forward by im2col in tiles: COL[pixels×taps] · W[filters×taps]ᵀ → Y[pixels×filters], a tile of pixels at a time,
/// split over the taps where the tile would leave the cache; bias and activation finish the tile while it is warm.
/// </summary>
internal sealed unsafe class Im2ColForward : ConvolutionAlgorithm
{
    // Below this many chunks the filters are split too, so that more threads get work.
    private const int WantedChunks = 16;
    private const int MinFiltersPerChunk = 128;

    private readonly TileSize _tile;
    private readonly int _filterChunks;

    public Im2ColForward(in ConvolutionGeometry geometry, WorkerPool pool, Scratch scratch)
        : base(geometry, pool, scratch)
    {
        _tile = TileSize.Choose(geometry.OutputPixels, geometry.Taps);
        int chunks = _tile.RowTiles * geometry.Groups;
        int most = Math.Max(1, geometry.FiltersPerGroup / MinFiltersPerChunk);
        _filterChunks = Math.Clamp(NativeBackend.ChunkCount(WantedChunks, chunks), 1, most);
        scratch.RequirePrivate(Im2ColTile.ScratchFloats(geometry, _tile));
    }

    public override void Run(in ConvolutionOperands operands)
    {
        var work = new Work(this, operands);
        Pool.Run(ref work, _tile.RowTiles * Geometry.Groups * _filterChunks);
    }

    private readonly struct Work(Im2ColForward owner, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            TileSize tile = owner._tile;
            (int rest, int filterChunk) = Math.DivRem(chunk, owner._filterChunks);
            (int rowTile, int group) = Math.DivRem(rest, g.Groups);
            IndexRange pixels = IndexRange.Block(g.OutputPixels, tile.Rows, rowTile);
            IndexRange filters = IndexRange.Part(g.FiltersPerGroup, owner._filterChunks, filterChunk);
            int filter = group * g.FiltersPerGroup + filters.First;
            float* weights = operands.Filters + (long)filter * g.Taps;
            float* y = operands.Output + (long)pixels.First * g.Filters + filter;
            for (int tap = 0; tap < g.Taps; tap += tile.Columns)
            {
                IndexRange taps = new(tap, Math.Min(tile.Columns, g.Taps - tap));
                // COL[pixels×taps] · W[filters×taps]ᵀ → Y[pixels×filters], the later taps added
                Gemm.Run(
                    pixels.Count,
                    filters.Count,
                    taps.Count,
                    Im2ColTile.Of(g, operands.Input, group, pixels, taps, owner.Scratch, worker),
                    new Matrix(weights + tap, g.Taps).T,
                    new Matrix(y, g.Filters),
                    accumulate: tap > 0
                );
            }
            float* bias = operands.Bias == null ? null : operands.Bias + filter;
            BiasActivation.Finish(operands.Activation, bias, pixels.Count, filters.Count, g.Filters, y);
        }
    }
}

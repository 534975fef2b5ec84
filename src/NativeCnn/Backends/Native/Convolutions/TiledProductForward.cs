using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Forward by im2col in tiles: COL[pixels×taps] · W[filters×taps]ᵀ → Y[pixels×filters], a tile of pixels at a time, split
/// over the taps where the tile would leave the cache; bias and activation finish the tile while it is warm.
/// </summary>
internal sealed unsafe class TiledProductForward : IConvolutionAlgorithm
{
    // Below this many chunks the filters are split too, so that more threads get work.
    private const int WantedChunks = 16;
    private const int MinFiltersPerChunk = 128;

    private readonly ConvolutionGeometry _geometry;
    private readonly WorkerPool _pool;
    private readonly Workspace _workspace;
    private readonly TileSize _tile;
    private readonly int _filterChunks;

    public TiledProductForward(in ConvolutionGeometry geometry, WorkerPool pool, Workspace workspace)
    {
        _geometry = geometry;
        _pool = pool;
        _workspace = workspace;
        _tile = TileSize.Choose(geometry.OutputPixels, geometry.Taps);
        int chunks = _tile.RowTiles * geometry.Groups;
        int most = Math.Max(1, geometry.FiltersPerGroup / MinFiltersPerChunk);
        _filterChunks = Math.Clamp((WantedChunks + chunks - 1) / chunks, 1, most);
        workspace.ReservePrivate(Patches.ScratchFloats(geometry, _tile.Rows, _tile.Columns));
    }

    public string Name => _geometry.IsPointwise ? "pointwise product" : "im2col product";

    public void Run(in ConvolutionOperands operands)
    {
        var work = new Work(this, operands);
        _pool.Run(ref work, _tile.RowTiles * _geometry.Groups * _filterChunks);
    }

    private readonly struct Work(TiledProductForward owner, in ConvolutionOperands operands) : IParallelWork
    {
        private readonly float* _input = operands.Input;
        private readonly float* _filters = operands.Filters;
        private readonly float* _bias = operands.Bias;
        private readonly float* _output = operands.Output;
        private readonly Activation _activation = operands.Activation;

        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner._geometry;
            TileSize tile = owner._tile;
            (int rest, int filterChunk) = Math.DivRem(chunk, owner._filterChunks);
            (int rowTile, int group) = Math.DivRem(rest, g.Groups);
            int row = rowTile * tile.Rows;
            int rows = Math.Min(tile.Rows, g.OutputPixels - row);
            int begin = (int)((long)g.FiltersPerGroup * filterChunk / owner._filterChunks);
            int end = (int)((long)g.FiltersPerGroup * (filterChunk + 1) / owner._filterChunks);
            int filter = group * g.FiltersPerGroup + begin;
            float* scratch = owner._workspace.Private(worker);
            float* weights = _filters + (long)filter * g.Taps;
            float* y = _output + (long)row * g.Filters + filter;
            for (int tap = 0; tap < g.Taps; tap += tile.Columns)
            {
                int taps = Math.Min(tile.Columns, g.Taps - tap);
                // COL[rows×taps] · W[filters×taps]ᵀ → Y[rows×filters], the later taps added
                Blas.Product(
                    rows,
                    end - begin,
                    taps,
                    Patches.Tile(g, _input, group, row, rows, tap, taps, scratch),
                    new Matrix(weights + tap, g.Taps).T,
                    new Matrix(y, g.Filters),
                    accumulate: tap > 0
                );
            }
            float* bias = _bias == null ? null : _bias + filter;
            NativeBackend.Finish(_activation, bias, rows, end - begin, g.Filters, y);
        }
    }
}

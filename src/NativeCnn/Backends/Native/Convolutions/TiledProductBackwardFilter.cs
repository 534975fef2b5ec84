using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-filter by im2col in tiles: dY[pixels×filters]ᵀ · COL[pixels×taps] → dW[filters×taps]. Small filters are summed over
/// several runs of pixels apart, and those partial sums added in their order; large ones are cut along the taps.
/// </summary>
internal sealed unsafe class TiledProductBackwardFilter : IConvolutionAlgorithm
{
    // Taps of a block of large filters: wide enough that packing dY for each block is paid for.
    private const int TapsPerBlock = 512;

    // Up to so many floats, a partial sum stays in a core's own cache (256 kB).
    private const int SmallFilters = 64 * 1024;

    // Partial sums of one filter gradient, and the floats that all of them may take (256 MB).
    private const int MaxRuns = 16;
    private const long MaxPartialFloats = 64L << 20;

    private const int ElementsPerChunk = 16384;

    private readonly ConvolutionGeometry _geometry;
    private readonly WorkerPool _pool;
    private readonly Workspace _workspace;
    private readonly TileSize _tile;
    private readonly int _runs;
    private readonly int _blocks;

    public TiledProductBackwardFilter(in ConvolutionGeometry geometry, WorkerPool pool, Workspace workspace)
    {
        _geometry = geometry;
        _pool = pool;
        _workspace = workspace;
        int filters = geometry.FilterShape.Count;
        int groupFilters = geometry.FiltersPerGroup * geometry.Taps;
        _blocks = groupFilters <= SmallFilters ? 1 : TileSize.EvenCount(CeilingDivide(geometry.Taps, TapsPerBlock));
        int tapsPerBlock = CeilingDivide(geometry.Taps, _blocks);
        _tile = TileSize.Choose(geometry.OutputPixels, tapsPerBlock);
        _runs = Math.Clamp(CeilingDivide(MaxRuns, _blocks * geometry.Groups), 1, _tile.RowTiles);
        _runs = (int)Math.Max(1, Math.Min(_runs, MaxPartialFloats / filters));
        workspace.ReservePrivate(Patches.ScratchFloats(geometry, _tile.Rows, _tile.Columns));
        if (_runs > 1)
            workspace.ReserveShared((long)_runs * filters);
    }

    public string Name => _geometry.IsPointwise ? "pointwise product" : "im2col product";

    public void Run(in ConvolutionOperands operands)
    {
        var work = new Work(this, operands.Input, operands.Output, operands.Filters);
        _pool.Run(ref work, _runs * _blocks * _geometry.Groups);
        if (_runs == 1)
            return;
        int count = _geometry.FilterShape.Count;
        var sum = new SumWork(_workspace.Shared, _runs, count, operands.Filters);
        _pool.Run(ref sum, CeilingDivide(count, ElementsPerChunk));
    }

    private static int CeilingDivide(int a, int b) => (a + b - 1) / b;

    private readonly struct Work(
        TiledProductBackwardFilter owner,
        float* input,
        float* outputGradient,
        float* filterGradient
    ) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner._geometry;
            (int rest, int block) = Math.DivRem(chunk, owner._blocks);
            (int run, int group) = Math.DivRem(rest, g.Groups);
            int tapBegin = (int)((long)g.Taps * block / owner._blocks);
            int tapEnd = (int)((long)g.Taps * (block + 1) / owner._blocks);
            int tileBegin = (int)((long)owner._tile.RowTiles * run / owner._runs);
            int tileEnd = (int)((long)owner._tile.RowTiles * (run + 1) / owner._runs);
            bool partial = owner._runs > 1;
            float* target = partial ? owner._workspace.Shared + (long)run * g.FilterShape.Count : filterGradient;
            for (int tap = tapBegin; tap < tapEnd; tap += owner._tile.Columns)
            {
                int taps = Math.Min(owner._tile.Columns, tapEnd - tap);
                for (int tile = tileBegin; tile < tileEnd; tile++)
                    Add(g, group, tile, tap, taps, worker, target, accumulate: !partial || tile > tileBegin);
            }
        }

        private void Add(
            in ConvolutionGeometry g,
            int group,
            int tile,
            int tap,
            int taps,
            int worker,
            float* target,
            bool accumulate
        )
        {
            int row = tile * owner._tile.Rows;
            int rows = Math.Min(owner._tile.Rows, g.OutputPixels - row);
            int filter = group * g.FiltersPerGroup;
            // dY[rows×filters]ᵀ · COL[rows×taps] → dW[filters×taps], added
            Blas.Product(
                g.FiltersPerGroup,
                taps,
                rows,
                new Matrix(outputGradient + (long)row * g.Filters + filter, g.Filters).T,
                Patches.Tile(g, input, group, row, rows, tap, taps, owner._workspace.Private(worker)),
                new Matrix(target + (long)filter * g.Taps + tap, g.Taps),
                accumulate
            );
        }
    }

    private readonly struct SumWork(float* partials, int runs, int count, float* filterGradient) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            int first = chunk * ElementsPerChunk;
            for (int run = 0; run < runs; run++)
            {
                Shim.nativecnn_accumulate(
                    partials + (long)run * count + first,
                    Math.Min(ElementsPerChunk, count - first),
                    filterGradient + first
                );
            }
        }
    }
}

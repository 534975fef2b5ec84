using NativeCnn.Backends.Operations;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-filter by im2col in tiles: dY[pixels×filters]ᵀ · COL[pixels×taps] → dW[filters×taps]. Small filters are
/// summed over several runs of pixels apart, and those partial sums added in a fixed tree; large ones are cut along the
/// taps.
/// </summary>
internal sealed unsafe class Im2ColBackwardFilter : ConvolutionAlgorithm
{
    // Taps of a block of large filters: wide enough that packing dY for each block is paid for.
    private const int TapsPerBlock = 512;

    // Up to so many floats, a partial sum stays in a core's own cache (256 kB).
    private const int SmallFilters = 64 * 1024;

    // Chunks that many threads want.
    private const int WantedChunks = 64;

    private readonly TileSize _tile;
    private readonly int _runs;
    private readonly int _blocks;

    public Im2ColBackwardFilter(in ConvolutionGeometry geometry, WorkerPool pool, Scratch scratch)
        : base(geometry, pool, scratch)
    {
        int filters = geometry.FilterShape.Count;
        int groupFilters = geometry.FiltersPerGroup * geometry.Taps;
        _blocks =
            groupFilters <= SmallFilters
                ? 1
                : TileSize.EvenCount(NativeBackend.ChunkCount(geometry.Taps, TapsPerBlock));
        _tile = TileSize.Choose(geometry.OutputPixels, NativeBackend.ChunkCount(geometry.Taps, _blocks));
        int wanted = NativeBackend.ChunkCount(WantedChunks, _blocks * geometry.Groups);
        _runs = (int)Math.Clamp(PartialSums.MaxFloats / filters, 1, Math.Min(wanted, _tile.RowTiles));
        scratch.RequirePrivate(Im2ColTile.ScratchFloats(geometry, _tile));
        if (_runs > 1)
            scratch.RequireShared((long)_runs * filters);
    }

    public override void Run(in ConvolutionOperands operands)
    {
        var work = new Work(this, operands);
        Pool.Run(ref work, _runs * _blocks * Geometry.Groups);
        if (_runs > 1)
            PartialSums.AddUp(Pool, Scratch.Shared, _runs, Geometry.FilterShape.Count, operands.Filters);
    }

    private readonly struct Work(Im2ColBackwardFilter owner, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            TileSize tile = owner._tile;
            (int rest, int block) = Math.DivRem(chunk, owner._blocks);
            (int run, int group) = Math.DivRem(rest, g.Groups);
            IndexRange blockTaps = IndexRange.Part(g.Taps, owner._blocks, block);
            IndexRange rowTiles = IndexRange.Part(tile.RowTiles, owner._runs, run);
            bool isPartial = owner._runs > 1;
            int filter = group * g.FiltersPerGroup;
            float* sums = isPartial ? owner.Scratch.Shared + (long)run * g.FilterShape.Count : operands.Filters;
            for (int tap = blockTaps.First; tap < blockTaps.End; tap += tile.Columns)
            {
                IndexRange taps = new(tap, Math.Min(tile.Columns, blockTaps.End - tap));
                for (int rowTile = rowTiles.First; rowTile < rowTiles.End; rowTile++)
                {
                    IndexRange pixels = IndexRange.Block(g.OutputPixels, tile.Rows, rowTile);
                    // dY[pixels×filters]ᵀ · COL[pixels×taps] → dW[filters×taps], added
                    Gemm.Run(
                        g.FiltersPerGroup,
                        taps.Count,
                        pixels.Count,
                        new Matrix(operands.Output + (long)pixels.First * g.Filters + filter, g.Filters).T,
                        Im2ColTile.Of(g, operands.Input, group, pixels, taps, owner.Scratch, worker),
                        new Matrix(sums + (long)filter * g.Taps + tap, g.Taps),
                        accumulate: !isPartial || rowTile > rowTiles.First
                    );
                }
            }
        }
    }
}

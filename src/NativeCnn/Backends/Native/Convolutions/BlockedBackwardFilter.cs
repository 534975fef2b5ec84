using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-filter by products in blocks: dY[pixels×filters]ᵀ · COL[pixels×taps] → dW[filters×taps] by the shim's own
/// product. Filters and taps are divided among the threads, so that large filters need no partial sums; small ones are
/// summed over several runs of pixels apart, and those partial sums added in a fixed tree.
/// </summary>
internal sealed unsafe class BlockedBackwardFilter : ConvolutionAlgorithm
{
    // A chunk's filters and taps: their gradient stays in a core's own cache, and COL is written anew for each block of
    // filters.
    private const int FiltersPerChunk = 128;
    private const int TapsPerChunk = 512;
    private const int TapsTogether = 64;

    // Pixels of a tile of COL, in whole parts of the shim's sums.
    private const int PixelsPerTile = 384;

    // Chunks that many threads want, the multiply-adds of each at least, pixels of a run at least, and at most, so that
    // the error does not grow with all pixels.
    private const int WantedChunks = 64;
    private const long WorkPerChunk = 2_000_000;
    private const int MinPixelsPerRun = 512;
    private const int MaxPixelsPerRun = 24_576;

    private readonly int _filterBlocks;
    private readonly int _tapsPerChunk;
    private readonly int _tapBlocks;
    private readonly int _runs;

    public BlockedBackwardFilter(in ConvolutionGeometry geometry, WorkerPool pool, Scratch scratch)
        : base(geometry, pool, scratch)
    {
        ConvolutionGeometry g = geometry;
        _filterBlocks = NativeBackend.ChunkCount(g.FiltersPerGroup, FiltersPerChunk);
        int taps = NativeBackend.ChunkCount(g.Taps, NativeBackend.ChunkCount(g.Taps, TapsPerChunk));
        _tapsPerChunk = NativeBackend.ChunkCount(taps, TapsTogether) * TapsTogether;
        _tapBlocks = NativeBackend.ChunkCount(g.Taps, _tapsPerChunk);
        int blocks = _filterBlocks * _tapBlocks * g.Groups;
        int wanted = (int)Math.Clamp(g.MultiplyAdds / WorkPerChunk, 1, WantedChunks);
        int runs = Math.Min(NativeBackend.ChunkCount(wanted, blocks), g.OutputPixels / MinPixelsPerRun);
        int least = NativeBackend.ChunkCount(g.OutputPixels, MaxPixelsPerRun);
        _runs = (int)Math.Clamp(PartialSums.MaxFloats / g.FilterShape.Count, 1, Math.Max(runs, least));
        if (_runs > 1)
            scratch.RequireShared((long)_runs * g.FilterShape.Count);
        if (!g.IsPointwise)
            scratch.RequirePrivate((long)PixelsPerTile * Math.Min(g.Taps, _tapsPerChunk));
    }

    public override void Run(in ConvolutionOperands operands)
    {
        var work = new Work(this, operands);
        Pool.Run(ref work, _runs * Geometry.Groups * _filterBlocks * _tapBlocks);
        if (_runs > 1)
            PartialSums.AddUp(Pool, Scratch.Shared, _runs, Geometry.FilterShape.Count, operands.Filters);
    }

    private readonly struct Work(BlockedBackwardFilter owner, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            (int rest, int tapBlock) = Math.DivRem(chunk, owner._tapBlocks);
            (rest, int filterBlock) = Math.DivRem(rest, owner._filterBlocks);
            (int run, int group) = Math.DivRem(rest, g.Groups);
            IndexRange pixels = IndexRange.Part(g.OutputPixels, owner._runs, run);
            IndexRange filters = IndexRange.Part(g.FiltersPerGroup, owner._filterBlocks, filterBlock);
            IndexRange taps = IndexRange.Block(g.Taps, owner._tapsPerChunk, tapBlock);
            bool isPartial = owner._runs > 1;
            float* sums = isPartial ? owner.Scratch.Shared + (long)run * g.FilterShape.Count : operands.Filters;
            int filter = group * g.FiltersPerGroup + filters.First;
            int tileSize = g.IsPointwise ? pixels.Count : PixelsPerTile;
            for (int pixel = pixels.First; pixel < pixels.End; pixel += tileSize)
            {
                IndexRange tile = new(pixel, Math.Min(tileSize, pixels.End - pixel));
                Matrix columns = Im2ColTile.Of(g, operands.Input, group, tile, taps, owner.Scratch, worker);
                // dY[pixels×filters]ᵀ · COL[pixels×taps] → dW[filters×taps], added
                Shim.nativecnn_blocked_gradient(
                    tile.Count,
                    filters.Count,
                    taps.Count,
                    operands.Output + (long)tile.First * g.Filters + filter,
                    g.Filters,
                    columns.Pointer,
                    columns.Stride,
                    !isPartial || pixel > pixels.First ? 1 : 0,
                    sums + (long)filter * g.Taps + taps.First,
                    g.Taps
                );
            }
        }
    }
}

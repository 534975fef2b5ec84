using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Forward by products in blocks: COL[pixels×taps] · W[filters×taps]ᵀ → Y[pixels×filters] like
/// <see cref="Im2ColForward"/>, but by the shim's own product, whose filters are packed once per run and not at every
/// call; a 1×1 kernel reads the pixels where they lie. Backward-data at stride 1 is the same over the output gradient
/// with flipped filters.
/// </summary>
internal sealed unsafe class BlockedForward : ConvolutionAlgorithm
{
    // Multiply-adds of a chunk at least: some 70 µs, long against a hand-over.
    private const long WorkPerChunk = 4_000_000;
    private const int MaxChunks = 256;

    // Pixels of a chunk at least, which share the filters that they read; fewer such chunks than are wanted are divided
    // by filters. That writes COL once for each, where it has to be written.
    private const int MinPixelsPerChunk = 56;
    private const int MinPixelsWithColumns = 28;
    private const int WantedChunks = 32;

    // The panels that the shim multiplies beside each other.
    private const int PanelsTogether = 2;

    // Panels that are packed together: they read and write whole lines of flipped filters.
    private const int PackedTogether = 4;

    // A tile of COL: pixels, and taps in whole parts of the shim's sums.
    private const int PixelsPerTile = 112;
    private const int TapsPerTile = 512;

    private readonly ConvolutionGeometry _original;
    private readonly bool _backwardData;
    private readonly int _panels;
    private readonly int _panelsPerChunk;
    private readonly int _pixelChunks;

    /// <param name="geometry">The forward convolution's sizes, in both passes.</param>
    /// <param name="backwardData">Whether the input gradient is computed.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="scratch">The scratch memory.</param>
    public BlockedForward(in ConvolutionGeometry geometry, bool backwardData, WorkerPool pool, Scratch scratch)
        : base(backwardData ? geometry.BackwardData() : geometry, pool, scratch)
    {
        _original = geometry;
        _backwardData = backwardData;
        ConvolutionGeometry g = Geometry;
        _panels = FilterPanels.CountOf(geometry, backwardData);
        long work = g.MultiplyAdds / g.Groups / WorkPerChunk;
        int most = TileSize.EvenCount((int)Math.Clamp(work, 1, MaxChunks));
        int wanted = Math.Min(most, NativeBackend.ChunkCount(WantedChunks, g.Groups));
        int least = g.IsPointwise ? MinPixelsPerChunk : MinPixelsWithColumns;
        _pixelChunks = Math.Min(most, NativeBackend.ChunkCount(g.OutputPixels, least));
        int pairs = NativeBackend.ChunkCount(_panels, PanelsTogether);
        int panelChunks = Math.Min(NativeBackend.ChunkCount(wanted, _pixelChunks), pairs);
        _panelsPerChunk = NativeBackend.ChunkCount(pairs, panelChunks) * PanelsTogether;
        scratch.Packed.Require((long)_panels * PanelFloats, g.Groups);
        if (!g.IsPointwise)
            scratch.RequirePrivate((long)PixelsPerTile * Math.Min(g.Taps, TapsPerTile));
    }

    /// <summary>Whether the pass is such a product: at a stride, input pixels have different taps.</summary>
    public static bool CanCompute(in ConvolutionGeometry geometry, bool backwardData) =>
        !backwardData || geometry is { StrideY: 1, StrideX: 1 };

    public override void Run(in ConvolutionOperands operands)
    {
        ConvolutionOperands forward = _backwardData ? operands.BackwardData : operands;
        new FilterPanels(_original, _backwardData, operands.Filters, PackedTogether, Scratch).Pack(Pool);
        var work = new Work(this, forward);
        Pool.Run(ref work, Geometry.Groups * PanelChunks * _pixelChunks);
    }

    private int PanelChunks => NativeBackend.ChunkCount(_panels, _panelsPerChunk);

    private long PanelFloats => (long)Geometry.Taps * Shim.NATIVECNN_PANEL;

    private readonly struct Work(BlockedForward owner, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            // One thread's chunks follow each other: the same filters for all pixels, so that they stay in its cache.
            (int rest, int pixelChunk) = Math.DivRem(chunk, owner._pixelChunks);
            (int group, int panelChunk) = Math.DivRem(rest, owner.PanelChunks);
            IndexRange pixels = IndexRange.Part(g.OutputPixels, owner._pixelChunks, pixelChunk);
            IndexRange panels = IndexRange.Block(owner._panels, owner._panelsPerChunk, panelChunk);
            if (g.IsPointwise)
            {
                Multiply(group, pixels, IndexRange.All(g.Taps), panels, worker);
                return;
            }
            for (int pixel = pixels.First; pixel < pixels.End; pixel += PixelsPerTile)
            {
                IndexRange tile = new(pixel, Math.Min(PixelsPerTile, pixels.End - pixel));
                for (int tap = 0; tap < g.Taps; tap += TapsPerTile)
                    Multiply(group, tile, new IndexRange(tap, Math.Min(TapsPerTile, g.Taps - tap)), panels, worker);
            }
        }

        // COL[pixels×taps] · W[filters×taps]ᵀ → Y[pixels×filters], the later taps added, the last ones finishing it.
        private void Multiply(int group, IndexRange pixels, IndexRange taps, IndexRange panels, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            Activation f = taps.End == g.Taps ? operands.Activation : Activation.Identity;
            Matrix columns = Im2ColTile.Of(g, operands.Input, group, pixels, taps, owner.Scratch, worker);
            int first = panels.First * Shim.NATIVECNN_PANEL;
            int count = Math.Min(panels.Count * Shim.NATIVECNN_PANEL, g.FiltersPerGroup - first);
            int filter = group * g.FiltersPerGroup + first;
            Shim.nativecnn_blocked_product(
                pixels.Count,
                taps.Count,
                count,
                columns.Pointer,
                columns.Stride,
                owner.Scratch.PackedOf(group)
                    + panels.First * owner.PanelFloats
                    + (long)taps.First * Shim.NATIVECNN_PANEL,
                owner.PanelFloats,
                operands.Bias == null ? null : operands.Bias + filter,
                (nativecnn_activation*)&f,
                taps.First > 0 ? 1 : 0,
                operands.Output + (long)pixels.First * g.Filters + filter,
                g.Filters
            );
        }
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Direct convolution: blocks of pixels times panels of 16 filters, summed in registers over all taps. Pixels are read
/// where they lie; only the filters are rearranged, once per run. Forward and, for every stride, backward-data.
/// </summary>
internal sealed unsafe class DirectForward : ConvolutionAlgorithm
{
    // Multiply-adds of a chunk: some 50 µs, long against a hand-over.
    private const long WorkPerChunk = 4_000_000;

    // Where threads are more than such chunks: some 5 µs.
    private const long LeastWorkPerChunk = 300_000;

    private readonly bool _backwardData;
    private readonly int _panels;
    private readonly int _rows;
    private readonly int _rowsPerChunk;
    private readonly int _panelsPerChunk;

    /// <param name="geometry">The forward convolution's sizes, in both passes.</param>
    /// <param name="backwardData">Whether the input gradient is computed.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="scratch">The scratch memory.</param>
    public DirectForward(in ConvolutionGeometry geometry, bool backwardData, WorkerPool pool, Scratch scratch)
        : base(geometry, pool, scratch)
    {
        _backwardData = backwardData;
        ConvolutionGeometry g = geometry;
        long packedFloats = Shim.nativecnn_direct_filters_size(
            (nativecnn_convolution_geometry*)&g,
            backwardData ? 1 : 0
        );
        _panels = FilterPanels.CountOf(g, backwardData);
        _rows = g.BatchSize * (backwardData ? g.Height : g.OutputHeight);
        (_rowsPerChunk, _panelsPerChunk) = Chunks(
            g.MultiplyAdds / g.Groups,
            NativeBackend.ChunkCount(pool.WantedChunks, g.Groups)
        );
        scratch.Packed.Require(packedFloats, g.Groups);
    }

    public override void Run(in ConvolutionOperands operands)
    {
        new FilterPanels(Geometry, _backwardData, operands.Filters, panelsPerChunk: 1, Scratch).Pack(Pool);
        var work = new Work(this, operands);
        Pool.Run(ref work, Geometry.Groups * RowChunks * PanelChunks);
    }

    private int RowChunks => NativeBackend.ChunkCount(_rows, _rowsPerChunk);

    private int PanelChunks => NativeBackend.ChunkCount(_panels, _panelsPerChunk);

    // Panels are divided only where rows alone give too few chunks.
    private (int Rows, int Panels) Chunks(long multiplyAdds, int wantedByThreads)
    {
        int wanted = TileSize.ChunksOf(multiplyAdds, WorkPerChunk, LeastWorkPerChunk, wantedByThreads);
        int rowChunks = Math.Min(wanted, _rows);
        int panelChunks = Math.Clamp(wanted / rowChunks, 1, _panels);
        return (NativeBackend.ChunkCount(_rows, rowChunks), NativeBackend.ChunkCount(_panels, panelChunks));
    }

    private readonly struct Work(DirectForward owner, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry geometry = owner.Geometry;
            Activation f = operands.Activation;
            var g = (nativecnn_convolution_geometry*)&geometry;
            (int rest, int panelChunk) = Math.DivRem(chunk, owner.PanelChunks);
            (int group, int rowChunk) = Math.DivRem(rest, owner.RowChunks);
            IndexRange rows = IndexRange.Block(owner._rows, owner._rowsPerChunk, rowChunk);
            IndexRange panels = IndexRange.Block(owner._panels, owner._panelsPerChunk, panelChunk);
            float* packed = owner.Scratch.PackedOf(group);
            if (owner._backwardData)
            {
                Shim.nativecnn_direct_backward_data(g, operands.Output, packed, group, rows, panels, operands.Input);
            }
            else
            {
                Shim.nativecnn_direct_forward(
                    g,
                    operands.Input,
                    packed,
                    operands.Bias,
                    (nativecnn_activation*)&f,
                    group,
                    rows,
                    panels,
                    operands.Output
                );
            }
        }
    }
}

using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Direct convolution: blocks of pixels times panels of 16 filters, summed in registers over all taps. Pixels are read where they
/// lie; only the filters are rearranged, once per run. Forward and, for every stride, backward-data.
/// </summary>
internal sealed unsafe class DirectForward : IConvolutionAlgorithm
{
    // Multiply-adds of a chunk: some 50 µs, long against a hand-over.
    private const long WorkPerChunk = 4_000_000;

    private readonly ConvolutionGeometry _geometry;
    private readonly WorkerPool _pool;
    private readonly Workspace _workspace;
    private readonly bool _backwardData;
    private readonly int _panels;
    private readonly long _packedFloats;
    private readonly int _rows;
    private readonly int _rowsPerChunk;
    private readonly int _panelsPerChunk;

    /// <param name="geometry">The forward convolution's sizes, in both passes.</param>
    /// <param name="backwardData">Whether the input gradient is computed.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="workspace">The scratch memory.</param>
    public DirectForward(in ConvolutionGeometry geometry, bool backwardData, WorkerPool pool, Workspace workspace)
    {
        _geometry = geometry;
        _backwardData = backwardData;
        _pool = pool;
        _workspace = workspace;
        ConvolutionGeometry g = geometry;
        _packedFloats = Shim.nativecnn_direct_filters_size((nativecnn_convolution_geometry*)&g, backwardData ? 1 : 0);
        int outputs = backwardData ? g.ChannelsPerGroup : g.FiltersPerGroup;
        _panels = (outputs + Shim.NATIVECNN_PANEL - 1) / Shim.NATIVECNN_PANEL;
        _rows = g.Batch * (backwardData ? g.Height : g.OutputHeight);
        (_rowsPerChunk, _panelsPerChunk) = Chunks(g.MultiplyAdds / g.Groups);
        workspace.ReserveShared(_packedFloats);
    }

    public string Name => "direct";

    public void Run(in ConvolutionOperands operands)
    {
        for (int group = 0; group < _geometry.Groups; group++)
        {
            var pack = new PackWork(this, group, operands.Filters);
            _pool.Run(ref pack, _panels);
            var work = new Work(this, group, operands);
            _pool.Run(ref work, RowChunks * PanelChunks);
        }
    }

    private int RowChunks => (_rows + _rowsPerChunk - 1) / _rowsPerChunk;

    private int PanelChunks => (_panels + _panelsPerChunk - 1) / _panelsPerChunk;

    // Panels are divided only where rows alone give too few chunks.
    private (int Rows, int Panels) Chunks(long multiplyAdds)
    {
        int wanted = TileSize.EvenCount((int)Math.Clamp(multiplyAdds / WorkPerChunk, 1, 256));
        int rowChunks = Math.Min(wanted, _rows);
        int rows = (_rows + rowChunks - 1) / rowChunks;
        int panelChunks = Math.Clamp(wanted / rowChunks, 1, _panels);
        return (rows, (_panels + panelChunks - 1) / panelChunks);
    }

    private readonly struct PackWork(DirectForward owner, int group, float* filters) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner._geometry;
            Shim.nativecnn_direct_pack_filters(
                (nativecnn_convolution_geometry*)&g,
                filters,
                group,
                owner._backwardData ? 1 : 0,
                new(chunk, 1),
                owner._workspace.Shared
            );
        }
    }

    private readonly struct Work(DirectForward owner, int group, in ConvolutionOperands operands) : IParallelWork
    {
        private readonly float* _input = operands.Input;
        private readonly float* _bias = operands.Bias;
        private readonly float* _output = operands.Output;
        private readonly Activation _activation = operands.Activation;

        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry geometry = owner._geometry;
            Activation f = _activation;
            var g = (nativecnn_convolution_geometry*)&geometry;
            (int rowChunk, int panelChunk) = Math.DivRem(chunk, owner.PanelChunks);
            int row = rowChunk * owner._rowsPerChunk;
            int rows = Math.Min(owner._rowsPerChunk, owner._rows - row);
            int panel = panelChunk * owner._panelsPerChunk;
            int panels = Math.Min(owner._panelsPerChunk, owner._panels - panel);
            float* packed = owner._workspace.Shared;
            if (owner._backwardData)
            {
                Shim.nativecnn_direct_backward_data(
                    g,
                    _output,
                    packed,
                    group,
                    new(row, rows),
                    new(panel, panels),
                    _input
                );
            }
            else
            {
                Shim.nativecnn_direct_forward(
                    g,
                    _input,
                    packed,
                    _bias,
                    (nativecnn_activation*)&f,
                    group,
                    new(row, rows),
                    new(panel, panels),
                    _output
                );
            }
        }
    }
}

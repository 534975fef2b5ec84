using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Depthwise convolution, one filter per channel: neighbouring channels are the vector lanes, and some pixels are summed in registers
/// over all taps. Only the filters are rearranged. Forward and, for every stride, backward-data.
/// </summary>
/// <remarks>
/// A result is a sum of up to K_h·K_w products, one after another: it is within K_h·K_w · 2⁻²⁴ of the sum of their absolute values.
/// </remarks>
internal sealed unsafe class DepthwiseForward : IConvolutionAlgorithm
{
    // Multiply-adds of a chunk: some 40 µs, long against a hand-over.
    private const long WorkPerChunk = 500_000;
    private const int MaxChunks = 256;

    private readonly ConvolutionGeometry _geometry;
    private readonly WorkerPool _pool;
    private readonly Workspace _workspace;
    private readonly bool _backwardData;
    private readonly int _rows;
    private readonly int _chunks;

    /// <param name="geometry">The forward convolution's sizes, in both passes.</param>
    /// <param name="backwardData">Whether the input gradient is computed.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="workspace">The scratch memory.</param>
    public DepthwiseForward(in ConvolutionGeometry geometry, bool backwardData, WorkerPool pool, Workspace workspace)
    {
        _geometry = geometry;
        _backwardData = backwardData;
        _pool = pool;
        _workspace = workspace;
        _rows = geometry.Batch * (backwardData ? geometry.Height : geometry.OutputHeight);
        int wanted = TileSize.EvenCount((int)Math.Clamp(geometry.MultiplyAdds / WorkPerChunk, 1, MaxChunks));
        _chunks = Math.Min(wanted, _rows);
        workspace.ReserveShared(geometry.FilterShape.Count);
    }

    public string Name => "depthwise";

    /// <summary>Whether the geometry has one channel and one filter per group.</summary>
    public static bool CanCompute(in ConvolutionGeometry geometry) =>
        geometry.Channels == geometry.Groups && geometry.Filters == geometry.Groups;

    public void Run(in ConvolutionOperands operands)
    {
        ConvolutionGeometry g = _geometry;
        // As many floats as there are filters: less work than handing it over.
        Shim.nativecnn_depthwise_pack_filters((nativecnn_convolution_geometry*)&g, operands.Filters, _workspace.Shared);
        var work = new Work(this, operands);
        _pool.Run(ref work, _chunks);
    }

    private readonly struct Work(DepthwiseForward owner, in ConvolutionOperands operands) : IParallelWork
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
            long begin = (long)owner._rows * chunk / owner._chunks;
            long rows = (long)owner._rows * (chunk + 1) / owner._chunks - begin;
            float* packed = owner._workspace.Shared;
            if (owner._backwardData)
            {
                Shim.nativecnn_depthwise_backward_data(g, _output, packed, new(begin, rows), _input);
            }
            else
            {
                Shim.nativecnn_depthwise_forward(
                    g,
                    _input,
                    packed,
                    _bias,
                    (nativecnn_activation*)&f,
                    new(begin, rows),
                    _output
                );
            }
        }
    }
}

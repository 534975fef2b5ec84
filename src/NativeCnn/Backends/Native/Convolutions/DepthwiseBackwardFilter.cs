using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Depthwise backward-filter: neighbouring channels are the vector lanes, and each tap is summed in registers along an output row.
/// Runs of output rows are summed apart and then added in their order.
/// </summary>
/// <remarks>The result is within (W' + N·H') · 2⁻²⁴ of the sum of the absolute products behind it.</remarks>
internal sealed unsafe class DepthwiseBackwardFilter : IConvolutionAlgorithm
{
    // Multiply-adds of a run: some 100 µs, long against adding its sums to the others'.
    private const long WorkPerRun = 1_000_000;
    private const int MaxRuns = 32;

    private readonly ConvolutionGeometry _geometry;
    private readonly WorkerPool _pool;
    private readonly Workspace _workspace;
    private readonly int _rows;
    private readonly int _runs;

    public DepthwiseBackwardFilter(in ConvolutionGeometry geometry, WorkerPool pool, Workspace workspace)
    {
        _geometry = geometry;
        _pool = pool;
        _workspace = workspace;
        _rows = geometry.Batch * geometry.OutputHeight;
        int wanted = TileSize.EvenCount((int)Math.Clamp(geometry.MultiplyAdds / WorkPerRun, 1, MaxRuns));
        _runs = Math.Min(wanted, _rows);
        workspace.ReserveShared((long)_runs * geometry.FilterShape.Count);
    }

    public string Name => "depthwise";

    public void Run(in ConvolutionOperands operands)
    {
        var work = new Work(this, operands.Input, operands.Output);
        _pool.Run(ref work, _runs);
        ConvolutionGeometry g = _geometry;
        Shim.nativecnn_depthwise_unpack_gradient(
            (nativecnn_convolution_geometry*)&g,
            _workspace.Shared,
            _runs,
            operands.Filters
        );
    }

    private readonly struct Work(DepthwiseBackwardFilter owner, float* input, float* outputGradient) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner._geometry;
            long begin = (long)owner._rows * chunk / owner._runs;
            long end = (long)owner._rows * (chunk + 1) / owner._runs;
            Shim.nativecnn_depthwise_filter_gradient(
                (nativecnn_convolution_geometry*)&g,
                input,
                outputGradient,
                new(begin, end - begin),
                0,
                owner._workspace.Shared + (long)chunk * g.FilterShape.Count
            );
        }
    }
}

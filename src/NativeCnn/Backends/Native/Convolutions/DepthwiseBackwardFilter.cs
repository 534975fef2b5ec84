using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Depthwise backward-filter: neighbouring channels are the vector lanes, and each tap is summed in registers along an
/// output row or two. Runs of output rows are summed apart and then added in their order.
/// </summary>
/// <remarks>
/// Over R runs the result is within (2·W' + ⌈N·H'/R⌉ + R) · 2⁻²⁴ of the sum of the absolute products behind it; a run has
/// at most 256 rows.
/// </remarks>
internal sealed unsafe class DepthwiseBackwardFilter : ConvolutionAlgorithm
{
    // Multiply-adds of a run: some 100 µs, long against adding its sums to the others'.
    private const long WorkPerRun = 1_000_000;
    private const int MaxRuns = 32;

    // Output rows of a run at most: their sums are added up one after the other.
    private const int RowsPerRun = 256;

    private readonly int _rows;
    private readonly int _runs;

    public DepthwiseBackwardFilter(in ConvolutionGeometry geometry, WorkerPool pool, Scratch scratch)
        : base(geometry, pool, scratch)
    {
        _rows = geometry.BatchSize * geometry.OutputHeight;
        int byWork = (int)Math.Clamp(geometry.MultiplyAdds / WorkPerRun, 1, MaxRuns);
        int wanted = TileSize.EvenCount(Math.Max(byWork, NativeBackend.ChunkCount(_rows, RowsPerRun)));
        _runs = Math.Min(wanted, _rows);
        scratch.RequireShared((long)_runs * geometry.FilterShape.Count);
    }

    public override void Run(in ConvolutionOperands operands)
    {
        var work = new Work(this, operands);
        Pool.Run(ref work, _runs);
        ConvolutionGeometry g = Geometry;
        Shim.nativecnn_depthwise_unpack_gradient(
            (nativecnn_convolution_geometry*)&g,
            Scratch.Shared,
            _runs,
            operands.Filters
        );
    }

    private readonly struct Work(DepthwiseBackwardFilter owner, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            IndexRange rows = IndexRange.Part(owner._rows, owner._runs, chunk);
            Shim.nativecnn_depthwise_filter_gradient(
                (nativecnn_convolution_geometry*)&g,
                operands.Input,
                operands.Output,
                rows,
                0,
                owner.Scratch.Shared + (long)chunk * g.FilterShape.Count
            );
        }
    }
}

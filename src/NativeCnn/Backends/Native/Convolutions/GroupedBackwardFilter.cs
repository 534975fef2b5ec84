using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-filter of convolution in groups of 2 to 32 channels: neighbouring channels are the vector lanes, and the taps
/// of some kernel rows are summed in registers along output rows. Runs of output rows are summed apart and then added in
/// their order, all groups in one run of the threads.
/// </summary>
/// <remarks>
/// Over R runs the result is within (2·W' + ⌈N·H'/R⌉ + R) · 2⁻²⁴ of the sum of the absolute products behind it; a run
/// has at most 256 rows.
/// </remarks>
internal sealed unsafe class GroupedBackwardFilter : ConvolutionAlgorithm
{
    // Output rows of a run at most: their sums are added up one after the other.
    private const int RowsPerRun = 256;

    private readonly int _rows;
    private readonly GroupedChunks _chunks;

    public GroupedBackwardFilter(in ConvolutionGeometry geometry, WorkerPool pool, Scratch scratch)
        : base(geometry, pool, scratch)
    {
        _rows = geometry.BatchSize * geometry.OutputHeight;
        _chunks = GroupedChunks.Choose(geometry, _rows);
        int runs = Math.Max(_chunks.Rows, NativeBackend.ChunkCount(_rows, RowsPerRun));
        runs = (int)Math.Clamp(PartialSums.MaxFloats / geometry.FilterShape.Count, 1, runs);
        _chunks = _chunks with { Rows = runs };
        scratch.RequireShared((long)runs * geometry.FilterShape.Count);
    }

    public override void Run(in ConvolutionOperands operands)
    {
        var work = new Work(this, operands);
        Pool.Run(ref work, _chunks.Count);
        var sum = new SumWork(this, operands.Filters);
        Pool.Run(ref sum, _chunks.Panels);
    }

    private readonly struct Work(GroupedBackwardFilter owner, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            (int run, int panelChunk) = Math.DivRem(chunk, owner._chunks.Panels);
            Shim.nativecnn_grouped_filter_gradient(
                (nativecnn_convolution_geometry*)&g,
                operands.Input,
                operands.Output,
                IndexRange.Part(owner._rows, owner._chunks.Rows, run),
                owner._chunks.PanelsOf(panelChunk),
                0,
                owner.Scratch.Shared + (long)run * g.FilterShape.Count
            );
        }
    }

    private readonly struct SumWork(GroupedBackwardFilter owner, float* filterGradient) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            Shim.nativecnn_grouped_unpack_gradient(
                (nativecnn_convolution_geometry*)&g,
                owner.Scratch.Shared,
                owner._chunks.Rows,
                owner._chunks.PanelsOf(chunk),
                filterGradient
            );
        }
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Convolution in groups of 2 to 32 channels: neighbouring channels, of several groups where they are small, are the
/// vector lanes, and some pixels are summed in registers over all taps. Only the filters are rearranged, those of all
/// groups in one run. Forward and, for strides of 1 and 2 along a row, backward-data.
/// </summary>
/// <remarks>
/// A result is a sum of K_h·K_w·C/groups products, one after another, or of the sums of kernel rows where that is more
/// than 256: it is within that many times 2⁻²⁴ of the sum of their absolute values.
/// </remarks>
internal sealed unsafe class GroupedForward : ConvolutionAlgorithm
{
    private readonly bool _backwardData;
    private readonly int _rows;
    private readonly GroupedChunks _chunks;

    /// <param name="geometry">The forward convolution's sizes, in both passes.</param>
    /// <param name="backwardData">Whether the input gradient is computed.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="scratch">The scratch memory.</param>
    public GroupedForward(in ConvolutionGeometry geometry, bool backwardData, WorkerPool pool, Scratch scratch)
        : base(geometry, pool, scratch)
    {
        _backwardData = backwardData;
        _rows = geometry.BatchSize * (backwardData ? geometry.Height : geometry.OutputHeight);
        _chunks = GroupedChunks.Choose(geometry, _rows, pool.WantedChunks);
        scratch.Packed.Require(geometry.FilterShape.Count, groups: 1);
    }

    /// <summary>Whether the shim has kernels for such groups.</summary>
    public static bool CanCompute(in ConvolutionGeometry geometry)
    {
        ConvolutionGeometry g = geometry;
        return Shim.nativecnn_grouped_filters_size((nativecnn_convolution_geometry*)&g) > 0;
    }

    public override void Run(in ConvolutionOperands operands)
    {
        if (!Scratch.Packed.IsCurrent)
        {
            var pack = new PackWork(this, operands.Filters);
            Pool.Run(ref pack, _chunks.Panels);
        }
        var work = new Work(this, operands);
        Pool.Run(ref work, _chunks.Count);
    }

    private readonly struct PackWork(GroupedForward owner, float* filters) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            Shim.nativecnn_grouped_pack_filters(
                (nativecnn_convolution_geometry*)&g,
                filters,
                owner._backwardData ? 1 : 0,
                owner._chunks.PanelsOf(chunk),
                owner.Scratch.PackedOf(0)
            );
        }
    }

    private readonly struct Work(GroupedForward owner, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry geometry = owner.Geometry;
            Activation f = operands.Activation;
            var g = (nativecnn_convolution_geometry*)&geometry;
            (int rowChunk, int panelChunk) = Math.DivRem(chunk, owner._chunks.Panels);
            IndexRange rows = IndexRange.Part(owner._rows, owner._chunks.Rows, rowChunk);
            IndexRange panels = owner._chunks.PanelsOf(panelChunk);
            float* packed = owner.Scratch.PackedOf(0);
            if (owner._backwardData)
            {
                Shim.nativecnn_grouped_backward_data(g, operands.Output, packed, rows, panels, operands.Input);
            }
            else
            {
                Shim.nativecnn_grouped_forward(
                    g,
                    operands.Input,
                    packed,
                    operands.Bias,
                    (nativecnn_activation*)&f,
                    rows,
                    panels,
                    operands.Output
                );
            }
        }
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Depthwise convolution, one filter per channel: neighbouring channels are the vector lanes, and some pixels are
/// summed in registers over all taps. Only the filters are rearranged. Forward and, for every stride, backward-data.
/// </summary>
/// <remarks>
/// A result is a sum of up to K_h·K_w products, one after another: it is within K_h·K_w · 2⁻²⁴ of the sum of their
/// absolute values.
/// </remarks>
internal sealed unsafe class DepthwiseForward : ConvolutionAlgorithm
{
    // Multiply-adds of a chunk: some 40 µs, long against a hand-over.
    private const long WorkPerChunk = 1_000_000;

    // Where threads are more than such chunks.
    private const long LeastWorkPerChunk = 125_000;

    private readonly bool _backwardData;
    private readonly int _rows;
    private readonly int _chunks;

    /// <param name="geometry">The forward convolution's sizes, in both passes.</param>
    /// <param name="backwardData">Whether the input gradient is computed.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="scratch">The scratch memory.</param>
    public DepthwiseForward(in ConvolutionGeometry geometry, bool backwardData, WorkerPool pool, Scratch scratch)
        : base(geometry, pool, scratch)
    {
        _backwardData = backwardData;
        _rows = geometry.BatchSize * (backwardData ? geometry.Height : geometry.OutputHeight);
        int chunks = TileSize.ChunksOf(geometry.MultiplyAdds, WorkPerChunk, LeastWorkPerChunk, pool.WantedChunks);
        _chunks = Math.Min(chunks, _rows);
        scratch.Packed.Require(geometry.FilterShape.Count, groups: 1);
    }

    /// <summary>Whether the geometry has one channel and one filter per group.</summary>
    public static bool CanCompute(in ConvolutionGeometry geometry) =>
        geometry.Channels == geometry.Groups && geometry.Filters == geometry.Groups;

    public override void Run(in ConvolutionOperands operands)
    {
        ConvolutionGeometry g = Geometry;
        // As many floats as there are filters: less work than handing it over.
        if (!Scratch.Packed.IsCurrent)
            Shim.nativecnn_depthwise_pack_filters(
                (nativecnn_convolution_geometry*)&g,
                operands.Filters,
                Scratch.PackedOf(0)
            );
        var work = new Work(this, operands);
        Pool.Run(ref work, _chunks);
    }

    private readonly struct Work(DepthwiseForward owner, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry geometry = owner.Geometry;
            Activation f = operands.Activation;
            var g = (nativecnn_convolution_geometry*)&geometry;
            IndexRange rows = IndexRange.Part(owner._rows, owner._chunks, chunk);
            float* packed = owner.Scratch.PackedOf(0);
            if (owner._backwardData)
            {
                Shim.nativecnn_depthwise_backward_data(g, operands.Output, packed, rows, operands.Input);
            }
            else
            {
                Shim.nativecnn_depthwise_forward(
                    g,
                    operands.Input,
                    packed,
                    operands.Bias,
                    (nativecnn_activation*)&f,
                    rows,
                    operands.Output
                );
            }
        }
    }
}

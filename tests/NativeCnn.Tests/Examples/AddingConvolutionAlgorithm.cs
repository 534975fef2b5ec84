using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Threading;

namespace NativeCnn.Tests.Examples;

/// <summary>The forward pass of a 1×1 convolution, which is one product, in blocks of pixels.</summary>
internal sealed unsafe class PointwiseForward(ConvolutionGeometry geometry, WorkerPool pool, Scratch scratch)
    : ConvolutionAlgorithm(geometry, pool, scratch)
{
    private const int PixelsPerChunk = 512;

    public static bool CanCompute(in ConvolutionGeometry geometry) => geometry is { IsPointwise: true, Groups: 1 };

    public override void Run(in ConvolutionOperands operands)
    {
        var work = new Work(Geometry, operands);
        Pool.Run(ref work, NativeBackend.ChunkCount(Geometry.OutputPixels, PixelsPerChunk));
    }

    private readonly struct Work(ConvolutionGeometry g, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            IndexRange pixels = IndexRange.Block(g.OutputPixels, PixelsPerChunk, chunk);
            var x = new Matrix(operands.Input + (long)pixels.First * g.Channels, g.Channels);
            var y = new Matrix(operands.Output + (long)pixels.First * g.Filters, g.Filters);
            var w = new Matrix(operands.Filters, g.Channels);
            // X[pixels×channels] · W[filters×channels]ᵀ → Y[pixels×filters]
            Gemm.Run(pixels.Count, g.Filters, g.Channels, x, w.T, y, accumulate: false);
            BiasActivation.Finish(operands.Activation, operands.Bias, pixels.Count, g.Filters, g.Filters, y.Pointer);
        }
    }
}

internal static class PointwisePlanning
{
    private const double SgemmMultiplyAdd = 1 / 42.0;

    public static ConvolutionCandidate ByPointwise(ConvolutionGeometry g) =>
        new("pointwise", g.MultiplyAdds * SgemmMultiplyAdd, (pool, scratch) => new PointwiseForward(g, pool, scratch));
}

using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

// Chunks of pixels. A worker's scratch holds a sum and a factor for each pixel of a chunk.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool BrightnessNorm =
        Provide<BrightnessNormForward>((b, operation) => new BrightnessNormForwardKernel(b, operation))
        && Provide<BrightnessNormBackward>((b, operation) => new BrightnessNormBackwardKernel(b, operation));
}

internal abstract class BrightnessNormKernel<TOperation> : RowKernel<TOperation>
    where TOperation : Operation
{
    protected BrightnessNormKernel(NativeBackend backend, TOperation operation)
        : base(backend, operation, operation.Operands[0].Shape.PixelCount, operation.Operands[0].Shape.Channels)
    {
        Channels = operation.Operands[0].Shape.Channels;
        Memory.RequirePrivate(2L * NativeBackend.RowsPerChunk(Channels));
    }

    /// <summary>The maps.</summary>
    protected int Channels { get; }
}

internal sealed unsafe class BrightnessNormForwardKernel(NativeBackend backend, BrightnessNormForward operation)
    : BrightnessNormKernel<BrightnessNormForward>(backend, operation)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        BrightnessNormOptions options = Operation.Options;
        float* x = At(0, first * Channels);
        float* factors = Memory.Private(worker);
        Shim.nativecnn_pixel_products(x, x, count, Channels, factors);
        for (long pixel = 0; pixel < count; pixel++)
        {
            double b = options.Kappa + (double)options.Lambda * factors[pixel];
            factors[pixel] = (float)Math.Pow(b, -options.Mu);
            if (At(2) != null)
                At(2, first)[pixel] = (float)b;
        }
        Shim.nativecnn_pixel_combine(x, factors, null, null, count, Channels, At(1, first * Channels));
    }
}

internal sealed unsafe class BrightnessNormBackwardKernel(NativeBackend backend, BrightnessNormBackward operation)
    : BrightnessNormKernel<BrightnessNormBackward>(backend, operation)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        BrightnessNormOptions options = Operation.Options;
        float* x = At(0, first * Channels);
        float* dy = At(2, first * Channels);
        float* sums = Memory.Private(worker);
        float* factors = sums + NativeBackend.RowsPerChunk(Channels);
        Shim.nativecnn_pixel_products(dy, x, count, Channels, sums);
        for (long pixel = 0; pixel < count; pixel++)
        {
            double b = At(1, first)[pixel];
            double factor = Math.Pow(b, -options.Mu);
            factors[pixel] = (float)factor;
            sums[pixel] = (float)(-2.0 * options.Lambda * options.Mu * factor / b * sums[pixel]);
        }
        Shim.nativecnn_pixel_combine(dy, factors, x, sums, count, Channels, At(3, first * Channels));
    }
}

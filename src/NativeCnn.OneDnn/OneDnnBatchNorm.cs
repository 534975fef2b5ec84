using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>
/// Batch normalisation by the running averages; parts are rows of pixels. One that an activation finishes is the
/// engine's own.
/// </summary>
internal static class OneDnnBatchNorm
{
    /// <summary>The kernel, or null where oneDNN has none.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, BatchNormInference operation)
    {
        if (operation.Activation != Activation.Identity)
            return null;
        Shape shape = operation.Operands[0].Shape;
        return PartsKernel.Plan(library, backend, operation, shape.BatchSize * shape.Height, rows => [Describe(rows)]);

        PartPrimitive? Describe(int rows)
        {
            MemoryDescription images = library.PixelRows(rows, shape);
            MemoryDescription channels = library.Elements(shape.Channels);
            long bytes = (long)shape.Width * shape.Channels * sizeof(float);
            return PartPrimitive.Of(
                library.BatchNormInference(operation.Epsilon, images),
                new PartOperand(Native.ONEDNN_SOURCE, images, 0, bytes),
                new PartOperand(Native.ONEDNN_SCALE, channels, 1, 0),
                new PartOperand(Native.ONEDNN_SHIFT, channels, 2, 0),
                new PartOperand(Native.ONEDNN_MEAN, channels, 3, 0),
                new PartOperand(Native.ONEDNN_VARIANCE, channels, 4, 0),
                new PartOperand(Native.ONEDNN_DESTINATION, images, 5, bytes)
            );
        }
    }
}

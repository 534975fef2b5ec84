using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>Local response normalisation at inference; parts are rows of pixels.</summary>
internal static class OneDnnLocalResponseNorm
{
    /// <summary>The kernel, or null where oneDNN has none, or s is kept.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, LocalResponseNormForward operation)
    {
        LocalResponseNormOptions options = operation.Options;
        Shape shape = operation.Operands[0].Shape;
        // Of an even window, oneDNN has the larger half on the other side or leaves a channel out.
        return options.Size % 2 == 0 || operation.Operands[2].IsWanted
            ? null
            : PartsKernel.Plan(library, backend, operation, shape.BatchSize * shape.Height, rows => [Describe(rows)]);

        PartPrimitive? Describe(int rows)
        {
            MemoryDescription images = library.PixelRows(rows, shape);
            var norm = new NeighbourNorm(options.Size, options.Alpha, options.Beta, options.K);
            long bytes = (long)shape.Width * shape.Channels * sizeof(float);
            return PartPrimitive.Of(
                library.LocalResponseNorm(norm, images),
                new PartOperand(Native.ONEDNN_SOURCE, images, 0, bytes),
                new PartOperand(Native.ONEDNN_DESTINATION, images, 1, bytes)
            );
        }
    }
}

using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>The backward pass of softmax; parts are examples.</summary>
internal static class OneDnnSoftmax
{
    /// <summary>The kernel, or null where oneDNN has none but plain loops.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, SoftmaxBackward operation)
    {
        Shape shape = operation.Operands[0].Shape;
        return PartsKernel.Plan(library, backend, operation, shape.BatchSize, examples => [Describe(examples)]);

        PartPrimitive? Describe(int examples)
        {
            long length = shape.ElementsPerExample,
                bytes = length * sizeof(float);
            MemoryDescription values = library.Rows(examples, length, length);
            return PartPrimitive.Of(
                library.SoftmaxBackward(values),
                new PartOperand(Native.ONEDNN_DESTINATION, values, 0, bytes),
                new PartOperand(Native.ONEDNN_DESTINATION_GRADIENT, values, 1, bytes),
                new PartOperand(Native.ONEDNN_SOURCE_GRADIENT, values, 2, bytes)
            );
        }
    }
}

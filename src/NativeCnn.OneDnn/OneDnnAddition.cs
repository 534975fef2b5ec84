using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>
/// The sum of two tensors, by oneDNN's binary primitive, which is ahead of its sum; parts are elements. One that an
/// activation finishes is the engine's own.
/// </summary>
internal static class OneDnnAddition
{
    /// <summary>The kernel, or null where oneDNN has none.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, Addition operation)
    {
        if (operation.Activation != Activation.Identity)
            return null;
        return PartsKernel.Plan(
            library,
            backend,
            operation,
            operation.Operands[0].Shape.Count,
            elements => [Describe(elements)],
            OneDnnActivation.ElementsPerLine
        );

        PartPrimitive? Describe(int elements)
        {
            MemoryDescription values = library.Elements(elements);
            return PartPrimitive.Of(
                library.Sum(values),
                new PartOperand(Native.ONEDNN_SOURCE, values, 0, sizeof(float)),
                new PartOperand(Native.ONEDNN_SECOND_SOURCE, values, 1, sizeof(float)),
                new PartOperand(Native.ONEDNN_DESTINATION, values, 2, sizeof(float))
            );
        }
    }
}

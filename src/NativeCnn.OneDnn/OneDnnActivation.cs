using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>Point-wise non-linearities; parts are elements.</summary>
internal static class OneDnnActivation
{
    /// <summary>Parts begin at whole cache lines.</summary>
    public const int ElementsPerLine = 16;

    /// <summary>The kernel, or null where oneDNN has none that means the same.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, ActivationForward operation)
    {
        Activation f = operation.Activation;
        // ReLU of oneDNN, also as leaky ReLU of slope 0, makes a NaN a zero; ELU loses the digits of e^x − 1 near 0,
        // softplus those far below 0.
        ElementFunction? function = f.Kind switch
        {
            ActivationKind.LeakyRelu when f.Alpha != 0 => ElementFunction.LeakyRelu,
            ActivationKind.Absolute => ElementFunction.Absolute,
            _ => FunctionOf(f),
        };
        return function is null
            ? null
            : PartsKernel.Plan(
                library,
                backend,
                operation,
                operation.Operands[0].Shape.Count,
                elements => [Describe(elements)],
                ElementsPerLine
            );

        PartPrimitive? Describe(int elements)
        {
            MemoryDescription values = library.Elements(elements);
            return PartPrimitive.Of(
                library.Elements(function.Value, f.Alpha, values),
                new PartOperand(Native.ONEDNN_SOURCE, values, 0, sizeof(float)),
                new PartOperand(Native.ONEDNN_DESTINATION, values, 1, sizeof(float))
            );
        }
    }

    /// <summary>The kernel, or null where oneDNN has none that means the same.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, ActivationBackward operation)
    {
        Activation f = operation.Activation;
        // oneDNN multiplies by f' = 0 where the engine's gradient is 0 whatever dy is, and lets dy pass where x is NaN.
        return FunctionOf(f) is not { } function
            ? null
            : PartsKernel.Plan(
                library,
                backend,
                operation,
                operation.Operands[0].Shape.Count,
                elements => [Describe(elements)],
                ElementsPerLine
            );

        PartPrimitive? Describe(int elements)
        {
            MemoryDescription values = library.Elements(elements);
            int source = function == ElementFunction.Linear ? Native.ONEDNN_SOURCE : Native.ONEDNN_DESTINATION;
            return PartPrimitive.Of(
                library.ElementsBackward(function, f.Alpha, values),
                new PartOperand(source, values, 0, sizeof(float)),
                new PartOperand(Native.ONEDNN_DESTINATION_GRADIENT, values, 1, sizeof(float)),
                new PartOperand(Native.ONEDNN_SOURCE_GRADIENT, values, 2, sizeof(float))
            );
        }
    }

    // Those that oneDNN computes in both passes; its logistic function has no β.
    private static ElementFunction? FunctionOf(in Activation f) =>
        f.Kind switch
        {
            ActivationKind.Tanh => ElementFunction.Tanh,
            ActivationKind.Logistic when f.Beta == 1 => ElementFunction.Logistic,
            ActivationKind.Gain => ElementFunction.Linear,
            _ => null,
        };
}

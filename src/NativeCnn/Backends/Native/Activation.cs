using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

// Chunks of consecutive elements.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Activation =
        Provide<ActivationForward>((b, operation) => new ActivationForwardKernel(b, operation))
        && Provide<ActivationBackward>((b, operation) => new ActivationBackwardKernel(b, operation));
}

internal sealed unsafe class ActivationForwardKernel(NativeBackend backend, ActivationForward operation)
    : RowKernel<ActivationForward>(backend, operation, operation.Operands[0].Shape.Count, elementsPerRow: 1)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        Activation f = Operation.Activation;
        Shim.nativecnn_activation_forward((nativecnn_activation*)&f, At(0, first), count, At(1, first));
    }
}

internal sealed unsafe class ActivationBackwardKernel(NativeBackend backend, ActivationBackward operation)
    : RowKernel<ActivationBackward>(backend, operation, operation.Operands[0].Shape.Count, elementsPerRow: 1)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        Activation f = Operation.Activation;
        Shim.nativecnn_activation_backward((nativecnn_activation*)&f, At(0, first), At(1, first), count, At(2, first));
    }
}

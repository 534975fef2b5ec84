using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool Softmax =
        Provide<SoftmaxForward>((b, operation) => new SoftmaxForwardKernel(b, operation))
        && Provide<SoftmaxBackward>((b, operation) => new SoftmaxBackwardKernel(b, operation));
}

internal sealed unsafe class SoftmaxForwardKernel(NativeBackend backend, SoftmaxForward operation)
    : ExampleKernel<SoftmaxForward>(backend, operation)
{
    protected override void ComputeRows(long first, long count, int worker) =>
        Shim.nativecnn_softmax_forward(Example(0, first), count, Length, Example(1, first));
}

internal sealed unsafe class SoftmaxBackwardKernel(NativeBackend backend, SoftmaxBackward operation)
    : ExampleKernel<SoftmaxBackward>(backend, operation)
{
    protected override void ComputeRows(long first, long count, int worker) =>
        Shim.nativecnn_softmax_backward(Example(0, first), Example(1, first), count, Length, Example(2, first));
}

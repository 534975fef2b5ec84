using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool MaxPooling =
        Provide<MaxPoolingForward>((b, operation) => new MaxPoolingForwardKernel(b, operation))
        && Provide<MaxPoolingBackward>((b, operation) => new MaxPoolingBackwardKernel(b, operation));
}

internal sealed unsafe class MaxPoolingForwardKernel(NativeBackend backend, MaxPoolingForward operation)
    : PoolingKernel<MaxPoolingForward>(backend, operation, operation.Geometry, isForward: true)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        PoolingGeometry geometry = Operation.Geometry;
        Shim.nativecnn_max_pooling_forward(
            (nativecnn_pooling_geometry*)&geometry,
            At(0),
            new(first, count),
            At(1),
            Pointer(2)
        );
    }
}

internal sealed unsafe class MaxPoolingBackwardKernel(NativeBackend backend, MaxPoolingBackward operation)
    : PoolingKernel<MaxPoolingBackward>(backend, operation, operation.Geometry, isForward: false)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        PoolingGeometry geometry = Operation.Geometry;
        Shim.nativecnn_max_pooling_backward(
            (nativecnn_pooling_geometry*)&geometry,
            At(0),
            Pointer(1),
            new(first, count),
            At(2)
        );
    }
}

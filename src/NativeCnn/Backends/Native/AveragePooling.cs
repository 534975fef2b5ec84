using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool AveragePooling =
        Provide<AveragePoolingForward>((b, operation) => new AveragePoolingForwardKernel(b, operation))
        && Provide<AveragePoolingBackward>((b, operation) => new AveragePoolingBackwardKernel(b, operation));
}

internal sealed unsafe class AveragePoolingForwardKernel(NativeBackend backend, AveragePoolingForward operation)
    : PoolingKernel<AveragePoolingForward>(backend, operation, operation.Geometry, isForward: true)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        PoolingGeometry geometry = Operation.Geometry;
        Shim.nativecnn_average_pooling_forward((nativecnn_pooling_geometry*)&geometry, At(0), new(first, count), At(1));
    }
}

internal sealed unsafe class AveragePoolingBackwardKernel(NativeBackend backend, AveragePoolingBackward operation)
    : PoolingKernel<AveragePoolingBackward>(backend, operation, operation.Geometry, isForward: false)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        PoolingGeometry geometry = Operation.Geometry;
        Shim.nativecnn_average_pooling_backward(
            (nativecnn_pooling_geometry*)&geometry,
            At(0),
            new(first, count),
            At(1)
        );
    }
}

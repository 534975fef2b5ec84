using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

// Chunks of pixels. A worker's scratch holds one pixel's terms between the zeros at both ends.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool LocalResponseNorm =
        Provide<LocalResponseNormForward>((b, operation) => new LocalResponseNormForwardKernel(b, operation))
        && Provide<LocalResponseNormBackward>((b, operation) => new LocalResponseNormBackwardKernel(b, operation));
}

internal sealed unsafe class LocalResponseNormForwardKernel(NativeBackend backend, LocalResponseNormForward operation)
    : LocalResponseNormKernel<LocalResponseNormForward>(backend, operation)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        LocalResponseNormOptions options = Operation.Options;
        long place = first * Channels;
        Shim.nativecnn_local_response_norm_forward(
            (nativecnn_local_response_norm*)&options,
            At(0, place),
            count,
            Channels,
            At(1, place),
            At(2, place),
            Memory.Private(worker)
        );
    }
}

internal sealed unsafe class LocalResponseNormBackwardKernel(NativeBackend backend, LocalResponseNormBackward operation)
    : LocalResponseNormKernel<LocalResponseNormBackward>(backend, operation)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        LocalResponseNormOptions options = Operation.Options;
        long place = first * Channels;
        Shim.nativecnn_local_response_norm_backward(
            (nativecnn_local_response_norm*)&options,
            At(0, place),
            At(1, place),
            At(2, place),
            count,
            Channels,
            At(3, place),
            Memory.Private(worker)
        );
    }
}

internal abstract class LocalResponseNormKernel<TOperation> : RowKernel<TOperation>
    where TOperation : Operation
{
    protected LocalResponseNormKernel(NativeBackend backend, TOperation operation)
        : base(backend, operation, operation.Operands[0].Shape.PixelCount, operation.Operands[0].Shape.Channels)
    {
        Channels = operation.Operands[0].Shape.Channels;
        Memory.RequirePrivate(3L * Channels);
    }

    protected int Channels { get; }
}

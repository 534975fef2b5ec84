using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool SquaredError = Provide<SquaredError>(
        (b, operation) => new SquaredErrorKernel(b, operation)
    );
}

internal sealed unsafe class SquaredErrorKernel(NativeBackend backend, SquaredError operation)
    : LossKernel<SquaredError>(backend, operation)
{
    protected override void ComputeRows(long first, long count, int worker) =>
        Shim.nativecnn_squared_error(
            Example(0, first),
            Example(1, first),
            count,
            Length,
            (float)Operation.Factor,
            (float)Scalar(0),
            At(2, first),
            Example(3, first)
        );
}

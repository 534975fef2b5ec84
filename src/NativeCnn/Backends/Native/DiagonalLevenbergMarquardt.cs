using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of elements; see UpdateKernel.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool DiagonalLevenbergMarquardt = Provide<DiagonalLevenbergMarquardtUpdate>(
        (b, operation) => new UpdateKernel<DiagonalLevenbergMarquardtUpdate>(b, operation)
    );
}

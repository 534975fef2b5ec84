using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of elements; see UpdateKernel.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool RmsProp = Provide<RmsPropUpdate>(
        (b, operation) => new UpdateKernel<RmsPropUpdate>(b, operation)
    );
}

using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of elements; see UpdateKernel.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Adam = Provide<AdamUpdate>(
        (b, operation) => new UpdateKernel<AdamUpdate>(b, operation)
    );
}

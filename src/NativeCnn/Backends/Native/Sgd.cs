using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of elements; see UpdateKernel.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Sgd = Provide<SgdUpdate>((b, operation) => new UpdateKernel<SgdUpdate>(b, operation));
}

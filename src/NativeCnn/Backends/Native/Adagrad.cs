using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of elements; see UpdateKernel.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Adagrad = Provide<AdagradUpdate>(
        (b, operation) => new UpdateKernel<AdagradUpdate>(b, operation)
    );
}

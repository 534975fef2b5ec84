using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Clear = Provide<Clear>((b, operation) => new ClearKernel(b, operation));
}

internal sealed class ClearKernel(ManagedBackend backend, Clear operation) : ManagedKernel<Clear>(backend, operation)
{
    // x = 0
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars) =>
        Elements<T>(operands[0]).Clear();
}

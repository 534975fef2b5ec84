using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of consecutive elements.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Clear = Provide<Clear>((b, operation) => new ClearKernel(b, operation));
}

internal sealed unsafe class ClearKernel(NativeBackend backend, Clear operation)
    : RowKernel<Clear>(backend, operation, operation.Operands[0].Shape.Count, elementsPerRow: 1)
{
    protected override void ComputeRows(long first, long count, int worker) =>
        new Span<float>(At(0, first), (int)count).Clear();
}

using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

// Chunks of consecutive elements.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Dropout = Provide<Dropout>((b, operation) => new DropoutKernel(b, operation));
}

internal sealed unsafe class DropoutKernel(NativeBackend backend, Dropout operation)
    : RowKernel<Dropout>(backend, operation, operation.Operands[0].Shape.Count, elementsPerRow: 1)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        DropoutOptions options = Operation.Options;
        var mask = new nativecnn_dropout { key = options.KeyOf(Scalar(0)), probability = options.Probability };
        Shim.nativecnn_dropout_apply(&mask, At(0, first), new(first, count), At(1, first));
    }
}

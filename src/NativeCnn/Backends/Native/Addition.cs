using System.Runtime.InteropServices;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

// Chunks of consecutive elements.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Addition = Provide<Addition>((b, operation) => new AdditionKernel(b, operation));
}

internal sealed unsafe class AdditionKernel(NativeBackend backend, Addition operation)
    : RowKernel<Addition>(backend, operation, operation.Operands[0].Shape.Count, elementsPerRow: 1)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        float* left = At(0, first);
        float* sum = At(2, first);
        // A chunk that was copied is still in the core's own cache when it is added to.
        if (sum != left)
            NativeMemory.Copy(left, sum, (nuint)count * sizeof(float));
        Shim.nativecnn_accumulate(At(1, first), count, sum);
        Activation f = Operation.Activation;
        if (f != Activation.Identity)
            Shim.nativecnn_activation_forward((nativecnn_activation*)&f, sum, count, sum);
    }
}

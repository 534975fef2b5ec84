using System.Numerics;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of consecutive elements, in C# vectors: it runs on a sample per epoch.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Square = Provide<Square>((b, operation) => new SquareKernel(b, operation));
}

internal sealed unsafe class SquareKernel(NativeBackend backend, Square operation)
    : RowKernel<Square>(backend, operation, operation.Operands[0].Shape.Count, elementsPerRow: 1)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        float* x = At(0, first);
        float* y = At(1, first);
        long k = 0;
        for (; count - k >= Vector<float>.Count; k += Vector<float>.Count)
        {
            Vector<float> value = Vector.Load(x + k);
            Vector.Store(value * value, y + k);
        }
        for (; k < count; k++)
            y[k] = x[k] * x[k];
    }
}

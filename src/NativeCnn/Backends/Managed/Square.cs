using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Square = Provide<Square>((b, operation) => new SquareKernel(b, operation));
}

internal sealed class SquareKernel(ManagedBackend backend, Square operation) : ManagedKernel<Square>(backend, operation)
{
    // y = x²
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        for (int k = 0; k < y.Length; k++)
            y[k] = Round<T>(Wide(x[k]) * Wide(x[k]));
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Addition = Provide<Addition>((b, operation) => new AdditionKernel(b, operation));
}

internal sealed class AdditionKernel(ManagedBackend backend, Addition operation)
    : ManagedKernel<Addition>(backend, operation)
{
    // s = f(a + b)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> a = Elements<T>(operands[0]);
        ReadOnlySpan<T> b = Elements<T>(operands[1]);
        Span<T> s = Elements<T>(operands[2]);
        for (int k = 0; k < s.Length; k++)
            s[k] = a[k] + b[k];
        if (Operation.Activation == Activation.Identity)
            return;
        ActivationFormula f = ActivationFormula.Of(Operation.Activation);
        for (int k = 0; k < s.Length; k++)
            s[k] = Round<T>(f.Output(Wide(s[k])));
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Bias =
        Provide<BiasForward>((b, operation) => new BiasForwardKernel(b, operation))
        && Provide<BiasBackward>((b, operation) => new BiasBackwardKernel(b, operation));
}

internal sealed class BiasForwardKernel(ManagedBackend backend, BiasForward operation)
    : ManagedKernel<BiasForward>(backend, operation)
{
    // y[n,y,x,o] = f(x[n,y,x,o] + b[o])
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ActivationFormula f = ActivationFormula.Of(Operation.Activation);
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> b = Elements<T>(operands[1]);
        Span<T> y = Elements<T>(operands[2]);
        for (int k = 0; k < y.Length; k++)
            y[k] = Round<T>(f.Output(Wide(x[k]) + Wide(b[k % b.Length])));
    }
}

internal sealed class BiasBackwardKernel(ManagedBackend backend, BiasBackward operation)
    : ManagedKernel<BiasBackward>(backend, operation)
{
    // db[o] += Σ_{n,y,x} dz[n,y,x,o]
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> dz = Elements<T>(operands[0]);
        Span<T> db = Elements<T>(operands[1]);
        var sums = new double[db.Length];
        for (int k = 0; k < dz.Length; k++)
            sums[k % sums.Length] += Wide(dz[k]);
        for (int o = 0; o < db.Length; o++)
            db[o] = Round<T>(Wide(db[o]) + sums[o]);
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool ActivationBias = Provide<ActivationBiasBackward>(
        (b, operation) => new ActivationBiasBackwardKernel(b, operation)
    );
}

internal sealed class ActivationBiasBackwardKernel(ManagedBackend backend, ActivationBiasBackward operation)
    : ManagedKernel<ActivationBiasBackward>(backend, operation)
{
    // dz = dy · f'(z), db[o] += Σ_{n,y,x} dz[n,y,x,o]
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ActivationFormula f = ActivationFormula.Of(Operation.Activation);
        ReadOnlySpan<T> y = Elements<T>(operands[0]);
        ReadOnlySpan<T> dy = Elements<T>(operands[1]);
        Span<T> dz = Elements<T>(operands[2]);
        Span<T> db = Elements<T>(operands[3]);
        var sums = new double[db.Length];
        for (int k = 0; k < dz.Length; k++)
        {
            double value = f.InputGradient(Wide(y[k]), Wide(dy[k]));
            dz[k] = Round<T>(value);
            sums[k % sums.Length] += value;
        }
        for (int o = 0; o < db.Length; o++)
            db[o] = Round<T>(Wide(db[o]) + sums[o]);
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Bias = Provide<BiasBackward>((b, operation) => new BiasBackwardKernel(b, operation));
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

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool GradientClamp = Provide<GradientClamp>(
        (b, operation) => new GradientClampKernel(b, operation)
    );
}

internal sealed class GradientClampKernel(ManagedBackend backend, GradientClamp operation)
    : ManagedKernel<GradientClamp>(backend, operation)
{
    // g ← min(max(g, −limit), limit); Clamp keeps NaN
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        foreach (ref T value in Elements<T>(operands[0]))
            value = Round<T>(Math.Clamp(Wide(value), -scalars[0], scalars[0]));
    }
}

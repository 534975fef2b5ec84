using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool GradientScaling = Provide<GradientScaling>(
        (b, operation) => new GradientScalingKernel(b, operation)
    );
}

internal sealed class GradientScalingKernel(ManagedBackend backend, GradientScaling operation)
    : ManagedKernel<GradientScaling>(backend, operation)
{
    // g ← factor · g
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        foreach (ref T value in Elements<T>(operands[0]))
            value = Round<T>(scalars[0] * Wide(value));
    }
}

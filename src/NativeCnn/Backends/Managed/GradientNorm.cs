using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool GradientNorm = Provide<GradientNorm>(
        (b, operation) => new GradientNormKernel(b, operation)
    );
}

internal sealed class GradientNormKernel(ManagedBackend backend, GradientNorm operation)
    : ManagedKernel<GradientNorm>(backend, operation)
{
    // √Σ g²
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        double sum = 0;
        foreach (T value in Elements<T>(operands[0]))
            sum += Wide(value) * Wide(value);
        Elements<T>(operands[1])[0] = Round<T>(Math.Sqrt(sum));
    }
}

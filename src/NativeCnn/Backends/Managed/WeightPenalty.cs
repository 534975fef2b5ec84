using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool WeightPenalty = Provide<WeightPenalty>(
        (b, operation) => new WeightPenaltyKernel(b, operation)
    );
}

internal sealed class WeightPenaltyKernel(ManagedBackend backend, WeightPenalty operation)
    : ManagedKernel<WeightPenalty>(backend, operation)
{
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> w = Elements<T>(operands[0]);
        Span<T> dw = Elements<T>(operands[1]);
        Span<T> sum = Elements<T>(operands[2]);
        double strength = scalars[0];
        double penalty = 0;
        for (int k = 0; k < w.Length; k++)
        {
            double value = Wide(w[k]);
            double slope;
            if (Operation.Kind == WeightPenaltyKind.L2)
            {
                penalty += strength / 2 * value * value;
                slope = value;
            }
            else
            {
                penalty += strength * Math.Abs(value);
                // The sign; NaN stays NaN.
                slope =
                    value > 0 ? 1
                    : value < 0 ? -1
                    : value;
            }
            dw[k] = Round<T>(Wide(dw[k]) + strength * slope);
        }
        sum[0] = Round<T>(penalty);
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Adam = Provide<AdamUpdate>((b, operation) => new AdamUpdateKernel(b, operation));
}

internal sealed class AdamUpdateKernel(ManagedBackend backend, AdamUpdate operation)
    : ManagedKernel<AdamUpdate>(backend, operation)
{
    // g' = g + λw, or decoupled w ← (1 − ηλ)w and g' = g; m ← β₁m + (1 − β₁)g'; v ← β₂v + (1 − β₂)g'²;
    // w ← w − η (m / (1 − β₁^t)) / (√(v / (1 − β₂^t)) + ε)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        double learningRate = scalars[0];
        double beta1 = scalars[1];
        double beta2 = scalars[2];
        double epsilon = scalars[3];
        double weightDecay = scalars[4];
        double step = scalars[5];
        ReadOnlySpan<T> gradient = Elements<T>(operands[0]);
        Span<T> firstMoment = Elements<T>(operands[1]);
        Span<T> secondMoment = Elements<T>(operands[2]);
        Span<T> values = Elements<T>(operands[3]);
        for (int k = 0; k < values.Length; k++)
        {
            double w = Wide(values[k]);
            double g = Wide(gradient[k]);
            if (Operation.IsDecoupled)
                w *= 1 - learningRate * weightDecay;
            else
                g += weightDecay * w;
            double m = beta1 * Wide(firstMoment[k]) + (1 - beta1) * g;
            double v = beta2 * Wide(secondMoment[k]) + (1 - beta2) * g * g;
            firstMoment[k] = Round<T>(m);
            secondMoment[k] = Round<T>(v);
            double mean = m / (1 - Math.Pow(beta1, step));
            double size = Math.Sqrt(v / (1 - Math.Pow(beta2, step))) + epsilon;
            values[k] = Round<T>(w - learningRate * mean / size);
        }
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool BrightnessNorm =
        Provide<BrightnessNormForward>((b, operation) => new BrightnessNormForwardKernel(b, operation))
        && Provide<BrightnessNormBackward>((b, operation) => new BrightnessNormBackwardKernel(b, operation));
}

internal sealed class BrightnessNormForwardKernel(ManagedBackend backend, BrightnessNormForward operation)
    : ManagedKernel<BrightnessNormForward>(backend, operation)
{
    // b = κ + λ Σ_j x_j²;  y_i = x_i b^−μ
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        BrightnessNormOptions options = Operation.Options;
        int channels = operands[0]!.Shape.Channels;
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        Span<T> bases = Elements<T>(operands[2]);
        for (int first = 0; first < x.Length; first += channels)
        {
            double b = options.Kappa;
            for (int k = first; k < first + channels; k++)
                b += options.Lambda * Wide(x[k]) * Wide(x[k]);
            for (int k = first; k < first + channels; k++)
                y[k] = Round<T>(Wide(x[k]) * Math.Pow(b, -options.Mu));
            if (!bases.IsEmpty)
                bases[first / channels] = Round<T>(b);
        }
    }
}

internal sealed class BrightnessNormBackwardKernel(ManagedBackend backend, BrightnessNormBackward operation)
    : ManagedKernel<BrightnessNormBackward>(backend, operation)
{
    // dx_i = dy_i b^−μ − 2 λ μ x_i b^(−μ − 1) Σ_j dy_j x_j
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        BrightnessNormOptions options = Operation.Options;
        int channels = operands[0]!.Shape.Channels;
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> dy = Elements<T>(operands[2]);
        Span<T> dx = Elements<T>(operands[3]);
        for (int first = 0; first < x.Length; first += channels)
        {
            double b = Wide(Elements<T>(operands[1])[first / channels]);
            double products = 0;
            for (int k = first; k < first + channels; k++)
                products += Wide(dy[k]) * Wide(x[k]);
            double factor = 2.0 * options.Lambda * options.Mu * Math.Pow(b, -options.Mu - 1.0) * products;
            for (int k = first; k < first + channels; k++)
                dx[k] = Round<T>(Wide(dy[k]) * Math.Pow(b, -options.Mu) - factor * Wide(x[k]));
        }
    }
}

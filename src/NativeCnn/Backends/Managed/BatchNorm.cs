using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool BatchNorm =
        Provide<BatchNormForward>((b, operation) => new BatchNormForwardKernel(b, operation))
        && Provide<BatchNormInference>((b, operation) => new BatchNormInferenceKernel(b, operation))
        && Provide<BatchNormBackward>((b, operation) => new BatchNormBackwardKernel(b, operation));
}

internal sealed class BatchNormForwardKernel(ManagedBackend backend, BatchNormForward operation)
    : ManagedKernel<BatchNormForward>(backend, operation)
{
    // m = Σ x / n;  v = Σ (x − m)² / n;  y = f(γ (x − m) / √(v + ε) + β);  r ← r + momentum (s − r)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> gamma = Elements<T>(operands[1]);
        ReadOnlySpan<T> beta = Elements<T>(operands[2]);
        Span<T> runningMean = Elements<T>(operands[3]);
        Span<T> runningVariance = Elements<T>(operands[4]);
        ActivationFormula f = ActivationFormula.Of(Operation.Activation);
        Span<T> y = Elements<T>(operands[5]);
        int channels = gamma.Length;
        int count = x.Length / channels;
        for (int c = 0; c < channels; c++)
        {
            double mean = 0;
            for (int k = c; k < x.Length; k += channels)
                mean += Wide(x[k]) / count;
            double squares = 0;
            for (int k = c; k < x.Length; k += channels)
                squares += (Wide(x[k]) - mean) * (Wide(x[k]) - mean);
            double inverse = 1 / Math.Sqrt(squares / count + Operation.Epsilon);
            for (int k = c; k < x.Length; k += channels)
                y[k] = Round<T>(f.Output(Wide(gamma[c]) * (Wide(x[k]) - mean) * inverse + Wide(beta[c])));
            Elements<T>(operands[6])[c] = Round<T>(mean);
            Elements<T>(operands[7])[c] = Round<T>(inverse);
            runningMean[c] = Round<T>(Blend(Wide(runningMean[c]), mean));
            runningVariance[c] = Round<T>(Blend(Wide(runningVariance[c]), squares / (count - 1)));
        }
    }

    private double Blend(double running, double batch) => running + Operation.Momentum * (batch - running);
}

internal sealed class BatchNormInferenceKernel(ManagedBackend backend, BatchNormInference operation)
    : ManagedKernel<BatchNormInference>(backend, operation)
{
    // y = f(γ (x − m) / √(v + ε) + β)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> gamma = Elements<T>(operands[1]);
        ReadOnlySpan<T> beta = Elements<T>(operands[2]);
        ReadOnlySpan<T> mean = Elements<T>(operands[3]);
        ReadOnlySpan<T> variance = Elements<T>(operands[4]);
        Span<T> y = Elements<T>(operands[5]);
        ActivationFormula f = ActivationFormula.Of(Operation.Activation);
        for (int k = 0; k < x.Length; k++)
        {
            int c = k % gamma.Length;
            double inverse = 1 / Math.Sqrt(Wide(variance[c]) + Operation.Epsilon);
            y[k] = Round<T>(f.Output(Wide(gamma[c]) * (Wide(x[k]) - Wide(mean[c])) * inverse + Wide(beta[c])));
        }
    }
}

internal sealed class BatchNormBackwardKernel(ManagedBackend backend, BatchNormBackward operation)
    : ManagedKernel<BatchNormBackward>(backend, operation)
{
    // x̂ = (x − m) i;  dγ += Σ dy x̂;  dβ += Σ dy;  dx = γ i (dy − Σ dy / n − x̂ Σ dy x̂ / n)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> gamma = Elements<T>(operands[1]);
        ReadOnlySpan<T> dy = Elements<T>(operands[4]);
        Span<T> dx = Elements<T>(operands[5]);
        Span<T> dgamma = Elements<T>(operands[6]);
        Span<T> dbeta = Elements<T>(operands[7]);
        int channels = gamma.Length;
        double count = x.Length / channels;
        for (int c = 0; c < channels; c++)
        {
            double mean = Wide(Elements<T>(operands[2])[c]);
            double inverse = Wide(Elements<T>(operands[3])[c]);
            double sum = 0;
            double products = 0;
            for (int k = c; k < x.Length; k += channels)
            {
                sum += Wide(dy[k]);
                products += Wide(dy[k]) * (Wide(x[k]) - mean) * inverse;
            }
            dgamma[c] = Round<T>(Wide(dgamma[c]) + products);
            dbeta[c] = Round<T>(Wide(dbeta[c]) + sum);
            for (int k = c; k < dx.Length; k += channels)
            {
                double normalized = (Wide(x[k]) - mean) * inverse;
                double centred = Wide(dy[k]) - sum / count - normalized * products / count;
                dx[k] = Round<T>(Wide(gamma[c]) * inverse * centred);
            }
        }
    }
}

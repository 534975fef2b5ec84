using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool LossSecondDerivatives =
        Provide<SquaredErrorSecondDerivatives>((b, operation) => new SquaredErrorSecondDerivativesKernel(b, operation))
        && Provide<SoftmaxCrossEntropySecondDerivatives>(
            (b, operation) => new SoftmaxCrossEntropySecondDerivativesKernel(b, operation)
        )
        && Provide<LogisticCrossEntropySecondDerivatives>(
            (b, operation) => new LogisticCrossEntropySecondDerivativesKernel(b, operation)
        );
}

/// <summary>Computes those of each example that counts; the others' are 0.</summary>
internal abstract class LossSecondDerivativesKernel<TOperation>(ManagedBackend backend, TOperation operation)
    : ManagedKernel<TOperation>(backend, operation)
    where TOperation : LossSecondDerivatives
{
    /// <summary>Writes those of an example, given its outputs.</summary>
    protected abstract void Write(ReadOnlySpan<double> y, Span<double> h);

    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<double> y = Widen<T>(operands[0]);
        Span<T> h = Elements<T>(operands[1]);
        h.Clear();
        int values = Operation.Output.ElementsPerExample;
        var example = new double[values];
        for (int n = 0; n < (int)scalars[0]; n++)
        {
            Write(y.Slice(n * values, values), example);
            for (int k = 0; k < values; k++)
                h[n * values + k] = Round<T>(example[k]);
        }
    }
}

internal sealed class SquaredErrorSecondDerivativesKernel(
    ManagedBackend backend,
    SquaredErrorSecondDerivatives operation
) : LossSecondDerivativesKernel<SquaredErrorSecondDerivatives>(backend, operation)
{
    // h = 2 · factor
    protected override void Write(ReadOnlySpan<double> y, Span<double> h) => h.Fill(2 * Operation.Factor);
}

internal sealed class SoftmaxCrossEntropySecondDerivativesKernel(
    ManagedBackend backend,
    SoftmaxCrossEntropySecondDerivatives operation
) : LossSecondDerivativesKernel<SoftmaxCrossEntropySecondDerivatives>(backend, operation)
{
    // h = p (1 − p), p = exp(z) / Σ exp(z)
    protected override void Write(ReadOnlySpan<double> y, Span<double> h)
    {
        double maximum = double.NegativeInfinity;
        foreach (double z in y)
            maximum = Math.Max(maximum, z);
        double sum = 0;
        foreach (double z in y)
            sum += Math.Exp(z - maximum);
        for (int k = 0; k < h.Length; k++)
        {
            double p = Math.Exp(y[k] - maximum) / sum;
            h[k] = p * (1 - p);
        }
    }
}

internal sealed class LogisticCrossEntropySecondDerivativesKernel(
    ManagedBackend backend,
    LogisticCrossEntropySecondDerivatives operation
) : LossSecondDerivativesKernel<LogisticCrossEntropySecondDerivatives>(backend, operation)
{
    // h = σ (1 − σ) = e / (1 + e)², e = exp −|z|
    protected override void Write(ReadOnlySpan<double> y, Span<double> h)
    {
        for (int k = 0; k < h.Length; k++)
        {
            double e = Math.Exp(-Math.Abs(y[k]));
            h[k] = e / ((1 + e) * (1 + e));
        }
    }
}

using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of examples in float64: outputs are few, and a sample per epoch is all that asks for them.
public sealed unsafe partial class NativeBackend
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
internal abstract unsafe class LossSecondDerivativesKernel<TOperation>(NativeBackend backend, TOperation operation)
    : ExampleKernel<TOperation>(backend, operation)
    where TOperation : LossSecondDerivatives
{
    /// <summary>Writes those of an example, given its outputs; called on several threads at once.</summary>
    protected abstract void Write(ReadOnlySpan<float> y, Span<float> h);

    protected override void Launch()
    {
        int count = (int)Scalar(0);
        Rows = count;
        base.Launch();
        new Span<float>(Example(1, count), (Operation.Output.BatchSize - count) * Length).Clear();
    }

    protected override void ComputeRows(long first, long count, int worker)
    {
        for (long n = first; n < first + count; n++)
            Write(new ReadOnlySpan<float>(Example(0, n), Length), new Span<float>(Example(1, n), Length));
    }
}

internal sealed class SquaredErrorSecondDerivativesKernel(
    NativeBackend backend,
    SquaredErrorSecondDerivatives operation
) : LossSecondDerivativesKernel<SquaredErrorSecondDerivatives>(backend, operation)
{
    protected override void Write(ReadOnlySpan<float> y, Span<float> h) => h.Fill((float)(2 * Operation.Factor));
}

internal sealed class SoftmaxCrossEntropySecondDerivativesKernel(
    NativeBackend backend,
    SoftmaxCrossEntropySecondDerivatives operation
) : LossSecondDerivativesKernel<SoftmaxCrossEntropySecondDerivatives>(backend, operation)
{
    protected override void Write(ReadOnlySpan<float> y, Span<float> h)
    {
        double maximum = double.NegativeInfinity;
        foreach (float z in y)
            maximum = Math.Max(maximum, z);
        double sum = 0;
        foreach (float z in y)
            sum += Math.Exp(z - maximum);
        for (int k = 0; k < h.Length; k++)
        {
            double p = Math.Exp(y[k] - maximum) / sum;
            h[k] = (float)(p * (1 - p));
        }
    }
}

internal sealed class LogisticCrossEntropySecondDerivativesKernel(
    NativeBackend backend,
    LogisticCrossEntropySecondDerivatives operation
) : LossSecondDerivativesKernel<LogisticCrossEntropySecondDerivatives>(backend, operation)
{
    protected override void Write(ReadOnlySpan<float> y, Span<float> h)
    {
        for (int k = 0; k < h.Length; k++)
        {
            double e = Math.Exp(-Math.Abs((double)y[k]));
            h[k] = (float)(e / ((1 + e) * (1 + e)));
        }
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool SquaredError = Provide<SquaredError>(
        (b, operation) => new SquaredErrorKernel(b, operation)
    );
}

internal sealed class SquaredErrorKernel(ManagedBackend backend, SquaredError operation)
    : ManagedKernel<SquaredError>(backend, operation)
{
    // loss = factor Σ (y − t)²; dy = scale · 2 · factor (y − t)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> y = Elements<T>(operands[0]);
        ReadOnlySpan<T> t = Elements<T>(operands[1]);
        Span<T> losses = Elements<T>(operands[2]);
        Span<T> dy = Elements<T>(operands[3]);
        double scale = scalars[0];
        int count = (int)scalars[1];
        int values = Operation.Output.ElementsPerExample;
        // Examples that do not count keep these zeros.
        losses.Clear();
        dy.Clear();
        for (int n = 0; n < count; n++)
        {
            double sum = 0;
            for (int k = n * values; k < n * values + values; k++)
            {
                double difference = Wide(y[k]) - Wide(t[k]);
                sum += difference * difference;
                if (!dy.IsEmpty)
                    dy[k] = Round<T>(scale * 2 * Operation.Factor * difference);
            }
            losses[n] = Round<T>(Operation.Factor * sum);
        }
    }
}

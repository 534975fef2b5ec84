using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

/// <summary>A loss that is a sum over an example's values, each with a target of its own.</summary>
internal abstract class ElementLossKernel<TOperation>(ManagedBackend backend, TOperation operation)
    : ManagedKernel<TOperation>(backend, operation)
    where TOperation : LossOperation
{
    /// <summary>The loss of a value y with a target t, and its derivative by y.</summary>
    protected abstract (double Loss, double Slope) Of(double y, double t);

    // loss = Σ of the values' losses; dy = scale · slope
    protected sealed override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> y = Elements<T>(operands[0]);
        ReadOnlySpan<T> t = Elements<T>(operands[1]);
        Span<T> losses = Elements<T>(operands[2]);
        Span<T> dy = Elements<T>(operands[3]);
        int values = Operation.Output.ElementsPerExample;
        // Examples that do not count keep these zeros.
        losses.Clear();
        dy.Clear();
        for (int n = 0; n < (int)scalars[1]; n++)
        {
            double sum = 0;
            for (int k = n * values; k < n * values + values; k++)
            {
                (double loss, double slope) = Of(Wide(y[k]), Wide(t[k]));
                sum += loss;
                if (!dy.IsEmpty)
                    dy[k] = Round<T>(scalars[0] * slope);
            }
            losses[n] = Round<T>(sum);
        }
    }
}

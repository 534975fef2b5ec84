using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool HingeLoss = Provide<HingeLoss>((b, operation) => new HingeLossKernel(b, operation));
}

internal sealed class HingeLossKernel(ManagedBackend backend, HingeLoss operation)
    : ManagedKernel<HingeLoss>(backend, operation)
{
    // loss = 1/C Σ_{c ≠ label} max(0, 1 − y_label + y_c); dy_c = scale/C where the term is above 0, dy_label = −Σ dy_c
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> y = Elements<T>(operands[0]);
        ReadOnlySpan<int> labels = Elements<int>(operands[1]);
        Span<T> losses = Elements<T>(operands[2]);
        Span<T> dy = Elements<T>(operands[3]);
        int classes = Operation.Output.Channels;
        // Examples that do not count keep these zeros.
        losses.Clear();
        dy.Clear();
        for (int n = 0; n < (int)scalars[1]; n++)
        {
            int place = n * classes + labels[n];
            double sum = 0;
            double slopes = 0;
            for (int k = n * classes; k < n * classes + classes; k++)
            {
                if (k == place)
                    continue;
                double term = Math.Max(0, 1 - Wide(y[place]) + Wide(y[k]));
                // NaN stays NaN.
                double slope = term > 0 ? 1 : term;
                sum += term;
                slopes += slope;
                if (!dy.IsEmpty)
                    dy[k] = Round<T>(scalars[0] * slope / classes);
            }
            losses[n] = Round<T>(sum / classes);
            if (!dy.IsEmpty)
                dy[place] = Round<T>(-scalars[0] * slopes / classes);
        }
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool WeightedCrossEntropy = Provide<WeightedCrossEntropy>(
        (b, operation) => new WeightedCrossEntropyKernel(b, operation)
    );
}

internal sealed class WeightedCrossEntropyKernel(ManagedBackend backend, WeightedCrossEntropy operation)
    : SoftmaxKernel<WeightedCrossEntropy>(backend, operation)
{
    // u_c = w_c ((1 − ε) t_c + ε/C); loss = Σ_c u_c (log Σ_d exp(z_d − m) − (z_c − m)), m = max z
    // dz_c = scale (p_c Σ_d u_d − u_c)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> t = Elements<T>(operands[1]);
        Span<T> losses = Elements<T>(operands[2]);
        Span<T> gradients = Elements<T>(operands[3]);
        int classes = Operation.Output.Channels;
        var u = new double[classes];
        // Examples that do not count keep these zeros.
        losses.Clear();
        gradients.Clear();
        for (int n = 0; n < (int)scalars[1]; n++)
        {
            ReadOnlySpan<T> z = Elements<T>(operands[0]).Slice(n * classes, classes);
            double maximum = Maximum(z);
            double sum = SumOfExponentials(z, maximum);
            double loss = 0;
            double total = 0;
            for (int c = 0; c < classes; c++)
            {
                double share = (1 - Operation.Smoothing) * Wide(t[n * classes + c]) + Operation.Smoothing / classes;
                u[c] = Operation.ClassWeights[c] * share;
                total += u[c];
                // A class that does not count adds nothing, even where its logit is −∞.
                if (u[c] != 0)
                    loss += u[c] * (Math.Log(sum) - (Wide(z[c]) - maximum));
            }
            losses[n] = Round<T>(loss);
            if (gradients.IsEmpty)
                continue;
            for (int c = 0; c < classes; c++)
            {
                double p = Math.Exp(Wide(z[c]) - maximum) / sum;
                gradients[n * classes + c] = Round<T>(scalars[0] * (p * total - u[c]));
            }
        }
    }
}

using System.Numerics;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool SoftmaxCrossEntropy = Provide<SoftmaxCrossEntropy>(
        (b, operation) => new SoftmaxCrossEntropyKernel(b, operation)
    );
}

internal sealed class SoftmaxCrossEntropyKernel(ManagedBackend backend, SoftmaxCrossEntropy operation)
    : SoftmaxKernel<SoftmaxCrossEntropy>(backend, operation)
{
    // loss = log Σ_c exp z_c − Σ_c t_c z_c = log Σ_c exp(z_c − m) − Σ_c t_c (z_c − m) + m (1 − Σ_c t_c)
    // dz_c = scale (p_c − t_c)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        Span<T> losses = Elements<T>(operands[2]);
        Span<T> gradients = Elements<T>(operands[3]);
        double scale = scalars[0];
        int count = (int)scalars[1];
        int classes = Operation.Output.Channels;
        var t = new double[classes];
        // Examples that do not count keep these zeros.
        losses.Clear();
        gradients.Clear();
        for (int n = 0; n < count; n++)
        {
            ReadOnlySpan<T> z = Elements<T>(operands[0]).Slice(n * classes, classes);
            SetTargets<T>(operands[1], n, t);
            double maximum = Maximum(z);
            double sum = SumOfExponentials(z, maximum);
            double likelihood = 0;
            double total = 0;
            for (int c = 0; c < classes; c++)
            {
                // A class of probability 0 adds nothing, even where its logit is −∞.
                if (t[c] != 0)
                    likelihood += t[c] * (Wide(z[c]) - maximum);
                total += t[c];
            }
            losses[n] = Round<T>(Math.Log(sum) - likelihood + maximum * (1 - total));
            if (gradients.IsEmpty)
                continue;
            Span<T> dz = gradients.Slice(n * classes, classes);
            for (int c = 0; c < classes; c++)
                dz[c] = Round<T>(scale * (Math.Exp(Wide(z[c]) - maximum) / sum - t[c]));
        }
    }

    private void SetTargets<T>(Tensor? targets, int n, Span<double> t)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int c = 0; c < t.Length; c++)
        {
            t[c] =
                Operation.HasProbabilities ? Wide(Elements<T>(targets)[n * t.Length + c])
                : c == Elements<int>(targets)[n] ? 1
                : 0;
        }
    }
}

using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    /// <inheritdoc/>
    public void SoftmaxForward(Tensor input, Tensor output)
    {
        OperationChecks.SoftmaxForward(input, output, ElementType);
        if (IsFloat32)
            SoftmaxForward<float>(input, output);
        else
            SoftmaxForward<double>(input, output);
    }

    /// <inheritdoc/>
    public void SoftmaxBackward(Tensor output, Tensor outputGradient, Tensor inputGradient)
    {
        OperationChecks.SoftmaxBackward(output, outputGradient, inputGradient, ElementType);
        if (IsFloat32)
            SoftmaxBackward<float>(output, outputGradient, inputGradient);
        else
            SoftmaxBackward<double>(output, outputGradient, inputGradient);
    }

    /// <inheritdoc/>
    public double SoftmaxCrossEntropy(Tensor logits, ReadOnlySpan<int> labels, double scale, Tensor? logitGradient)
    {
        OperationChecks.SoftmaxCrossEntropy(logits, labels, logitGradient, ElementType);
        return IsFloat32
            ? SoftmaxCrossEntropy<float>(logits, labels, scale, logitGradient)
            : SoftmaxCrossEntropy<double>(logits, labels, scale, logitGradient);
    }

    // p_c = exp(z_c − m) / Σ_d exp(z_d − m), m = max z, which keeps exp from overflowing and changes nothing else
    private static void SoftmaxForward<T>(Tensor input, Tensor output)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int classes = input.Shape.ExampleCount;
        for (int n = 0; n < input.Shape.Batch; n++)
        {
            ReadOnlySpan<T> z = input.AsSpan<T>().Slice(n * classes, classes);
            Span<T> p = output.AsSpan<T>().Slice(n * classes, classes);
            double maximum = Maximum(z);
            double sum = SumOfExponentials(z, maximum);
            for (int c = 0; c < p.Length; c++)
                p[c] = Round<T>(Math.Exp(Wide(z[c]) - maximum) / sum);
        }
    }

    // dz_c = p_c (g_c − Σ_d p_d g_d)
    private static void SoftmaxBackward<T>(Tensor output, Tensor outputGradient, Tensor inputGradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int classes = output.Shape.ExampleCount;
        for (int n = 0; n < output.Shape.Batch; n++)
        {
            ReadOnlySpan<T> p = output.AsSpan<T>().Slice(n * classes, classes);
            ReadOnlySpan<T> g = outputGradient.AsSpan<T>().Slice(n * classes, classes);
            Span<T> dz = inputGradient.AsSpan<T>().Slice(n * classes, classes);
            double mean = 0;
            for (int d = 0; d < p.Length; d++)
                mean += Wide(p[d]) * Wide(g[d]);
            for (int c = 0; c < dz.Length; c++)
                dz[c] = Round<T>(Wide(p[c]) * (Wide(g[c]) - mean));
        }
    }

    // loss = Σ_n log Σ_c exp z_c − z_label = Σ_n log Σ_c exp(z_c − m) − (z_label − m)
    // dz_c = scale (p_c − [c = label])
    private static double SoftmaxCrossEntropy<T>(
        Tensor logits,
        ReadOnlySpan<int> labels,
        double scale,
        Tensor? logitGradient
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int classes = logits.Shape.Channels;
        // Examples without a label keep this zero.
        logitGradient?.Clear();
        double loss = 0;
        for (int n = 0; n < labels.Length; n++)
        {
            ReadOnlySpan<T> z = logits.AsSpan<T>().Slice(n * classes, classes);
            double maximum = Maximum(z);
            double sum = SumOfExponentials(z, maximum);
            loss += Math.Log(sum) - (Wide(z[labels[n]]) - maximum);
            if (logitGradient is null)
                continue;
            Span<T> dz = logitGradient.AsSpan<T>().Slice(n * classes, classes);
            for (int c = 0; c < dz.Length; c++)
            {
                double probability = Math.Exp(Wide(z[c]) - maximum) / sum;
                dz[c] = Round<T>(scale * (probability - (c == labels[n] ? 1 : 0)));
            }
        }
        return loss;
    }

    private static double Maximum<T>(ReadOnlySpan<T> z)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Math.Max passes a NaN on.
        double maximum = double.NegativeInfinity;
        foreach (T value in z)
            maximum = Math.Max(maximum, Wide(value));
        return maximum;
    }

    private static double SumOfExponentials<T>(ReadOnlySpan<T> z, double maximum)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double sum = 0;
        foreach (T value in z)
            sum += Math.Exp(Wide(value) - maximum);
        return sum;
    }
}

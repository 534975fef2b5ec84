using System.Numerics;
using System.Runtime.InteropServices;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool SoftmaxCrossEntropy = Provide<SoftmaxCrossEntropy>(
        (b, operation) =>
            operation.HasProbabilities
                ? new ProbabilitiesCrossEntropyKernel(b, operation)
                : new LabelsCrossEntropyKernel(b, operation)
    );
}

internal sealed unsafe class LabelsCrossEntropyKernel(NativeBackend backend, SoftmaxCrossEntropy operation)
    : LossKernel<SoftmaxCrossEntropy>(backend, operation)
{
    protected override void ComputeRows(long first, long count, int worker) =>
        Shim.nativecnn_softmax_cross_entropy(
            Example(0, first),
            (int*)Pointer(1) + first,
            count,
            Length,
            (float)Scalar(0),
            At(2, first),
            Example(3, first)
        );
}

// loss = log s − Σ_c t_c (z_c − m) + m (1 − Σ_c t_c), s = Σ_c exp(z_c − m), m = max z; dz = scale (p − t)
// The shim has the exponentials: its loss of the class with the largest logit is log s.
internal sealed unsafe class ProbabilitiesCrossEntropyKernel(NativeBackend backend, SoftmaxCrossEntropy operation)
    : LossKernel<SoftmaxCrossEntropy>(backend, operation)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        int classes = Length;
        float* logits = Example(0, first);
        float* targets = Example(1, first);
        float* losses = At(2, first);
        float* gradient = Example(3, first);
        for (long n = 0; n < count; n++, logits += classes, targets += classes)
        {
            ReadOnlySpan<float> z = new(logits, classes);
            ReadOnlySpan<float> t = new(targets, classes);
            int largest = PlaceOfMaximum(z);
            float logarithm;
            Shim.nativecnn_softmax_cross_entropy(logits, &largest, 1, classes, 1, &logarithm, null);
            losses[n] = (float)(logarithm - Likelihood(z, t, z[largest]));
            if (gradient == null)
                continue;
            Shim.nativecnn_softmax_forward(logits, 1, classes, gradient);
            double others = gradient[largest] > 0.5f ? SumOfOthers(new Span<float>(gradient, classes), largest) : 1;
            SubtractAndScale(new Span<float>(gradient, classes), t, (float)Scalar(0));
            // p − t where p is near 1, by what the other classes share: p itself has lost those digits.
            if (others < 0.5)
                gradient[largest] = (float)(Scalar(0) * ((1.0 - t[largest]) - others));
            gradient += classes;
        }
    }

    // Of several equal ones the first.
    private static int PlaceOfMaximum(ReadOnlySpan<float> values)
    {
        int place = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[place])
                place = i;
        }
        return place;
    }

    // Σ_c t_c (z_c − m) − m (1 − Σ_c t_c)
    private static double Likelihood(ReadOnlySpan<float> logits, ReadOnlySpan<float> targets, float m)
    {
        ReadOnlySpan<Vector<float>> z = MemoryMarshal.Cast<float, Vector<float>>(logits);
        ReadOnlySpan<Vector<float>> t = MemoryMarshal.Cast<float, Vector<float>>(targets);
        Vector<double> likelihoods = Vector<double>.Zero;
        Vector<double> totals = Vector<double>.Zero;
        for (int i = 0; i < z.Length; i++)
        {
            // A class of probability 0 adds nothing, even where its logit is −∞.
            Vector<int> isZero = Vector.Equals(t[i], Vector<float>.Zero);
            Vector<float> product = t[i] * (z[i] - new Vector<float>(m));
            likelihoods += SumOfHalves(Vector.ConditionalSelect(isZero, Vector<float>.Zero, product));
            totals += SumOfHalves(t[i]);
        }
        double likelihood = Vector.Sum(likelihoods);
        double total = Vector.Sum(totals);
        for (int i = z.Length * Vector<float>.Count; i < logits.Length; i++)
        {
            likelihood += targets[i] == 0 ? 0 : targets[i] * (logits[i] - m);
            total += targets[i];
        }
        return likelihood - m * (1 - total);
    }

    private static double SumOfOthers(ReadOnlySpan<float> values, int place)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
            sum += i == place ? 0 : values[i];
        return sum;
    }

    // p becomes scale (p − t).
    private static void SubtractAndScale(Span<float> probabilities, ReadOnlySpan<float> targets, float scale)
    {
        Span<Vector<float>> p = MemoryMarshal.Cast<float, Vector<float>>(probabilities);
        ReadOnlySpan<Vector<float>> t = MemoryMarshal.Cast<float, Vector<float>>(targets);
        for (int i = 0; i < p.Length; i++)
            p[i] = (p[i] - t[i]) * scale;
        for (int i = p.Length * Vector<float>.Count; i < probabilities.Length; i++)
            probabilities[i] = (probabilities[i] - targets[i]) * scale;
    }

    // In float64, since a loss is a small difference.
    private static Vector<double> SumOfHalves(Vector<float> values)
    {
        Vector.Widen(values, out Vector<double> low, out Vector<double> high);
        return low + high;
    }
}

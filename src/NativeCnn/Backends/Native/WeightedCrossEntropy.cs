using System.Numerics;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool WeightedCrossEntropy = Provide<WeightedCrossEntropy>(
        (b, operation) => new WeightedCrossEntropyKernel(b, operation)
    );
}

// u_c = w_c ((1 − ε) t_c + ε/C); loss = Σ_c u_c (log s − (z_c − m)), s = Σ_c exp(z_c − m), m = max z
// dz_c = scale (p_c Σ_d u_d − u_c), p_c = exp(z_c − m) / s
internal sealed unsafe class WeightedCrossEntropyKernel(NativeBackend backend, WeightedCrossEntropy operation)
    : LossKernel<WeightedCrossEntropy>(backend, operation)
{
    private readonly double[] _weights = [.. operation.ClassWeights];
    private readonly double _own = 1 - operation.Smoothing;
    private readonly double _shared = operation.Smoothing / operation.Output.Channels;

    protected override void ComputeRows(long first, long count, int worker)
    {
        float* losses = At(2, first);
        for (long n = 0; n < count; n++)
            losses[n] = (float)Example(Example(0, first + n), Example(1, first + n), Example(3, first + n));
    }

    private double Example(float* z, float* t, float* gradient)
    {
        float maximum = float.NegativeInfinity;
        for (int c = 0; c < Length; c++)
            maximum = Math.Max(maximum, z[c]);
        double logarithm = Math.Log(SumOfExponentials(z, maximum));
        double loss = 0;
        double total = 0;
        for (int c = 0; c < Length; c++)
        {
            double u = Target(t, c);
            total += u;
            // A class that does not count adds nothing, even where its logit is −∞.
            if (u != 0)
                loss += u * (logarithm - ((double)z[c] - maximum));
        }
        if (gradient != null)
            WriteGradient(z, t, maximum + logarithm, total, gradient);
        return loss;
    }

    private double Target(float* t, int c) => _weights[c] * (_own * t[c] + _shared);

    private double SumOfExponentials(float* z, float maximum)
    {
        int lanes = Vector<double>.Count;
        var shift = new Vector<double>(maximum);
        Vector<double> sums = Vector<double>.Zero;
        int c = 0;
        for (; c + 2 * lanes <= Length; c += 2 * lanes)
        {
            Vector.Widen(Vector.Load(z + c), out Vector<double> low, out Vector<double> high);
            sums += Vector.Exp(low - shift) + Vector.Exp(high - shift);
        }
        double sum = Vector.Sum(sums);
        for (; c < Length; c++)
            sum += Math.Exp((double)z[c] - maximum);
        return sum;
    }

    // p_c = exp(z_c − (m + log s))
    private void WriteGradient(float* z, float* t, double logOfSum, double total, float* gradient)
    {
        double scale = Scalar(0);
        int lanes = Vector<double>.Count;
        var shift = new Vector<double>(logOfSum);
        int c = 0;
        for (; c + 2 * lanes <= Length; c += 2 * lanes)
        {
            Vector.Widen(Vector.Load(z + c), out Vector<double> zLow, out Vector<double> zHigh);
            Vector.Widen(Vector.Load(t + c), out Vector<double> tLow, out Vector<double> tHigh);
            Vector<double> low = Gradient(Vector.Exp(zLow - shift), tLow, c);
            Vector<double> high = Gradient(Vector.Exp(zHigh - shift), tHigh, c + lanes);
            Vector.Narrow(low, high).Store(gradient + c);
        }
        for (; c < Length; c++)
            gradient[c] = (float)(scale * (Math.Exp(z[c] - logOfSum) * total - Target(t, c)));

        Vector<double> Gradient(Vector<double> p, Vector<double> targets, int place)
        {
            Vector<double> u = new Vector<double>(_weights, place) * (targets * _own + new Vector<double>(_shared));
            return (p * total - u) * scale;
        }
    }
}

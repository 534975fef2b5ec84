using System.Numerics;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

/// <summary>A loss that is a sum over an example's values, each with a target of its own.</summary>
internal interface IElementLoss
{
    /// <summary>The losses of values y with targets t, and their derivatives by y.</summary>
    (Vector<double> Loss, Vector<double> Slope) Of(Vector<double> y, Vector<double> t);
}

/// <summary>Computes such a loss in float64, since a loss may be a small difference, and rounds once.</summary>
internal sealed unsafe class ElementLossKernel<TOperation, TLoss>(
    NativeBackend backend,
    TOperation operation,
    TLoss rule
) : LossKernel<TOperation>(backend, operation)
    where TOperation : LossOperation
    where TLoss : struct, IElementLoss
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        float* losses = At(2, first);
        for (long n = 0; n < count; n++)
            losses[n] = (float)Example(Example(0, first + n), Example(1, first + n), Example(3, first + n));
    }

    // The example's loss; its gradient is written where it is wanted.
    private double Example(float* output, float* targets, float* gradient)
    {
        int whole = Length / Vector<float>.Count * Vector<float>.Count;
        Vector<double> sums = Vector<double>.Zero;
        for (int i = 0; i < whole; i += Vector<float>.Count)
        {
            Vector<float> slope = Step(Vector.Load(output + i), Vector.Load(targets + i), out var low, out var high);
            sums += low + high;
            if (gradient != null)
                slope.Store(gradient + i);
        }
        double sum = Vector.Sum(sums);
        return whole == Length ? sum : sum + Rest(output, targets, gradient, whole);
    }

    // What is left of a vector, padded with zeros whose losses are not added.
    private double Rest(float* output, float* targets, float* gradient, int begin)
    {
        int rest = Length - begin;
        Span<float> y = stackalloc float[Vector<float>.Count];
        Span<float> t = stackalloc float[Vector<float>.Count];
        Span<double> losses = stackalloc double[Vector<float>.Count];
        y.Clear();
        t.Clear();
        new ReadOnlySpan<float>(output + begin, rest).CopyTo(y);
        new ReadOnlySpan<float>(targets + begin, rest).CopyTo(t);
        Vector<float> slope = Step(new Vector<float>(y), new Vector<float>(t), out var low, out var high);
        low.CopyTo(losses);
        high.CopyTo(losses[Vector<double>.Count..]);
        slope.CopyTo(y);
        if (gradient != null)
            y[..rest].CopyTo(new Span<float>(gradient + begin, rest));
        double sum = 0;
        foreach (double loss in losses[..rest])
            sum += loss;
        return sum;
    }

    private Vector<float> Step(Vector<float> y, Vector<float> t, out Vector<double> low, out Vector<double> high)
    {
        Vector.Widen(y, out Vector<double> yLow, out Vector<double> yHigh);
        Vector.Widen(t, out Vector<double> tLow, out Vector<double> tHigh);
        var scale = new Vector<double>(Scalar(0));
        (low, Vector<double> slopeLow) = rule.Of(yLow, tLow);
        (high, Vector<double> slopeHigh) = rule.Of(yHigh, tHigh);
        return Vector.Narrow(slopeLow * scale, slopeHigh * scale);
    }
}

using System.Numerics;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool LogisticCrossEntropy = Provide<LogisticCrossEntropy>(
        (b, operation) => new ElementLossKernel<LogisticCrossEntropy, LogisticRule>(b, operation, default)
    );
}

// loss = max(0, z) − t z + log(1 + e), e = exp −|z|; the slope is σ − t, of which large parts cancel beforehand
internal readonly struct LogisticRule : IElementLoss
{
    public (Vector<double> Loss, Vector<double> Slope) Of(Vector<double> y, Vector<double> t)
    {
        Vector<double> one = Vector<double>.One;
        Vector<double> e = Vector.Exp(-Vector.Abs(y));
        Vector<double> sum = one + e;
        Vector<double> rest = e / sum;
        // log(1 + e) without the digits that 1 + e loses.
        Vector<double> logarithm = Vector.ConditionalSelect(
            Vector.Equals(sum, one),
            e,
            Vector.Log(sum) * e / (sum - one)
        );
        Vector<long> isAbove = Vector.GreaterThan(y, Vector<double>.Zero);
        Vector<double> factor = Vector.ConditionalSelect(isAbove, one - t, -t);
        // A logit that is infinite on its target's side costs nothing.
        Vector<long> isFree = Vector.Equals(factor, Vector<double>.Zero);
        Vector<double> linear = Vector.ConditionalSelect(isFree, Vector<double>.Zero, factor * y);
        Vector<double> slope = Vector.ConditionalSelect(isAbove, factor - rest, rest + factor);
        return (linear + logarithm, slope);
    }
}

using System.Numerics;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool HuberLoss = Provide<HuberLoss>(
        (b, operation) => new ElementLossKernel<HuberLoss, HuberRule>(b, operation, new HuberRule(operation.Delta))
    );
}

// d = y − t; ½ d² with the slope d, and beyond δ the line δ (|d| − ½ δ) with the slope ±δ; NaN is beyond nothing
internal readonly struct HuberRule(double delta) : IElementLoss
{
    public (Vector<double> Loss, Vector<double> Slope) Of(Vector<double> y, Vector<double> t)
    {
        var limit = new Vector<double>(delta);
        var half = new Vector<double>(0.5);
        Vector<double> d = y - t;
        Vector<double> size = Vector.Abs(d);
        Vector<long> isBeyond = Vector.GreaterThan(size, limit);
        Vector<double> loss = Vector.ConditionalSelect(isBeyond, limit * (size - half * limit), half * d * d);
        Vector<double> side = Vector.ConditionalSelect(Vector.GreaterThan(d, Vector<double>.Zero), limit, -limit);
        return (loss, Vector.ConditionalSelect(isBeyond, side, d));
    }
}

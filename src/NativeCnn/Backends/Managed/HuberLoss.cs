using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool HuberLoss = Provide<HuberLoss>((b, operation) => new HuberLossKernel(b, operation));
}

internal sealed class HuberLossKernel(ManagedBackend backend, HuberLoss operation)
    : ElementLossKernel<HuberLoss>(backend, operation)
{
    // d = y − t; ½ d² with the slope d, and beyond δ the line δ (|d| − ½ δ) with the slope ±δ; Clamp keeps NaN
    protected override (double Loss, double Slope) Of(double y, double t)
    {
        double d = y - t;
        double delta = Operation.Delta;
        double loss = Math.Abs(d) > delta ? delta * (Math.Abs(d) - delta / 2) : d * d / 2;
        return (loss, Math.Clamp(d, -delta, delta));
    }
}

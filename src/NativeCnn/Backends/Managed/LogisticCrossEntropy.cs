using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool LogisticCrossEntropy = Provide<LogisticCrossEntropy>(
        (b, operation) => new LogisticCrossEntropyKernel(b, operation)
    );
}

internal sealed class LogisticCrossEntropyKernel(ManagedBackend backend, LogisticCrossEntropy operation)
    : ElementLossKernel<LogisticCrossEntropy>(backend, operation)
{
    // loss = max(0, z) − t z + log(1 + e), e = exp −|z|; dz = scale (σ − t), of which large parts cancel beforehand
    protected override (double Loss, double Slope) Of(double z, double t)
    {
        double e = Math.Exp(-Math.Abs(z));
        double rest = e / (1 + e);
        // A logit that is infinite on its target's side costs nothing.
        double factor = z > 0 ? 1 - t : -t;
        double linear = factor == 0 ? 0 : factor * z;
        return (linear + LogOfOnePlus(e), z > 0 ? 1 - t - rest : rest - t);
    }

    // log(1 + e) without the digits that 1 + e loses.
    private static double LogOfOnePlus(double e)
    {
        double sum = 1 + e;
        return sum == 1 ? e : Math.Log(sum) * e / (sum - 1);
    }
}

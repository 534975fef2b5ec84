using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool RadialBasis =
        Provide<RadialBasisForward>((b, operation) => new RadialBasisForwardKernel(b, operation))
        && Provide<RadialBasisBackwardData>((b, operation) => new RadialBasisBackwardDataKernel(b, operation))
        && Provide<RadialBasisBackwardCentres>((b, operation) => new RadialBasisBackwardCentresKernel(b, operation));
}

internal sealed class RadialBasisForwardKernel(ManagedBackend backend, RadialBasisForward operation)
    : ManagedKernel<RadialBasisForward>(backend, operation)
{
    // y[n,o] = ±Σ_k (x[n,k] − w[o,k])²
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        (int length, int units) = (operands[0]!.Shape.ElementsPerExample, operands[1]!.Shape.Outputs);
        ReadOnlySpan<double> x = Widen<T>(operands[0]);
        ReadOnlySpan<double> w = Widen<T>(operands[1]);
        Span<T> y = Elements<T>(operands[2]);
        for (int n = 0; n < operands[0]!.Shape.BatchSize; n++)
        for (int o = 0; o < units; o++)
        {
            double sum = 0;
            for (int k = 0; k < length; k++)
            {
                double difference = x[n * length + k] - w[o * length + k];
                sum += difference * difference;
            }
            y[n * units + o] = Round<T>(Operation.Sign * sum);
        }
    }
}

internal sealed class RadialBasisBackwardDataKernel(ManagedBackend backend, RadialBasisBackwardData operation)
    : ManagedKernel<RadialBasisBackwardData>(backend, operation)
{
    // dx[n,k] = ±2 Σ_o dy[n,o] (x[n,k] − w[o,k]), or 4 Σ_o dy[n,o] (x[n,k] − w[o,k])²
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        (int length, int units) = (operands[0]!.Shape.ElementsPerExample, operands[1]!.Shape.Outputs);
        ReadOnlySpan<double> x = Widen<T>(operands[0]);
        ReadOnlySpan<double> w = Widen<T>(operands[1]);
        ReadOnlySpan<double> dy = Widen<T>(operands[2]);
        Span<T> dx = Elements<T>(operands[3]);
        for (int n = 0; n < operands[0]!.Shape.BatchSize; n++)
        for (int k = 0; k < length; k++)
        {
            double sum = 0;
            for (int o = 0; o < units; o++)
                sum += dy[n * units + o] * Term(x[n * length + k] - w[o * length + k]);
            dx[n * length + k] = Round<T>(Operation.Factor * sum);
        }
    }

    private double Term(double difference) => Operation.IsSquared ? difference * difference : difference;
}

internal sealed class RadialBasisBackwardCentresKernel(ManagedBackend backend, RadialBasisBackwardCentres operation)
    : ManagedKernel<RadialBasisBackwardCentres>(backend, operation)
{
    // dw[o,k] += ±2 Σ_n dy[n,o] (w[o,k] − x[n,k]), or 4 Σ_n dy[n,o] (w[o,k] − x[n,k])²
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        (int length, int units) = (operands[0]!.Shape.ElementsPerExample, operands[1]!.Shape.Outputs);
        ReadOnlySpan<double> x = Widen<T>(operands[0]);
        ReadOnlySpan<double> w = Widen<T>(operands[1]);
        ReadOnlySpan<double> dy = Widen<T>(operands[2]);
        Span<T> dw = Elements<T>(operands[3]);
        for (int o = 0; o < units; o++)
        for (int k = 0; k < length; k++)
        {
            double sum = 0;
            for (int n = 0; n < operands[0]!.Shape.BatchSize; n++)
                sum += dy[n * units + o] * Term(w[o * length + k] - x[n * length + k]);
            dw[o * length + k] = Round<T>(Wide(dw[o * length + k]) + Operation.Factor * sum);
        }
    }

    private double Term(double difference) => Operation.IsSquared ? difference * difference : difference;
}

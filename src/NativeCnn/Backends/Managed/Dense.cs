using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Dense =
        Provide<DenseForward>((b, operation) => new DenseForwardKernel(b, operation))
        && Provide<DenseBackwardData>((b, operation) => new DenseBackwardDataKernel(b, operation))
        && Provide<DenseBackwardWeights>((b, operation) => new DenseBackwardWeightsKernel(b, operation));
}

internal sealed class DenseForwardKernel(ManagedBackend backend, DenseForward operation)
    : ManagedKernel<DenseForward>(backend, operation)
{
    // y[n,o] = f(b[o] + Σ_k w[o,k] x[n,k])
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ActivationFormula f = ActivationFormula.Of(Operation.Activation);
        ReadOnlySpan<double> inputs = Widen<T>(operands[0]);
        ReadOnlySpan<T> weights = Elements<T>(operands[1]);
        ReadOnlySpan<T> b = Elements<T>(operands[2]);
        Span<T> y = Elements<T>(operands[3]);
        int units = operands[1]!.Shape.Outputs;
        int depth = operands[1]!.Shape.ElementsPerExample;
        for (int n = 0; n < operands[0]!.Shape.BatchSize; n++)
        {
            ReadOnlySpan<double> x = inputs.Slice(n * depth, depth);
            for (int o = 0; o < units; o++)
            {
                ReadOnlySpan<T> w = weights.Slice(o * depth, depth);
                double sum = b.IsEmpty ? 0 : Wide(b[o]);
                for (int k = 0; k < w.Length; k++)
                    sum += Wide(w[k]) * x[k];
                y[n * units + o] = Round<T>(f.Output(sum));
            }
        }
    }
}

internal sealed class DenseBackwardDataKernel(ManagedBackend backend, DenseBackwardData operation)
    : ManagedKernel<DenseBackwardData>(backend, operation)
{
    // dx[n,k] = Σ_o dy[n,o] w[o,k]
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> dy = Elements<T>(operands[0]);
        ReadOnlySpan<T> weights = Elements<T>(operands[1]);
        Span<T> inputGradient = Elements<T>(operands[2]);
        int units = operands[1]!.Shape.Outputs;
        int depth = operands[1]!.Shape.ElementsPerExample;
        var sums = new double[depth];
        for (int n = 0; n < operands[2]!.Shape.BatchSize; n++)
        {
            Array.Clear(sums);
            for (int o = 0; o < units; o++)
            {
                ReadOnlySpan<T> w = weights.Slice(o * depth, depth);
                double gradient = Wide(dy[n * units + o]);
                for (int k = 0; k < sums.Length; k++)
                    sums[k] += gradient * Wide(w[k]);
            }
            Span<T> dx = inputGradient.Slice(n * depth, depth);
            for (int k = 0; k < sums.Length; k++)
                dx[k] = Round<T>(sums[k]);
        }
    }
}

internal sealed class DenseBackwardWeightsKernel(ManagedBackend backend, DenseBackwardWeights operation)
    : ManagedKernel<DenseBackwardWeights>(backend, operation)
{
    // dw[o,k] ← dw[o,k] + Σ_n dy[n,o] x[n,k]
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<double> inputs = Widen<T>(operands[0]);
        ReadOnlySpan<T> dy = Elements<T>(operands[1]);
        Span<T> weightGradient = Elements<T>(operands[2]);
        int units = operands[2]!.Shape.Outputs;
        int depth = operands[2]!.Shape.ElementsPerExample;
        var sums = new double[depth];
        for (int o = 0; o < units; o++)
        {
            Array.Clear(sums);
            for (int n = 0; n < operands[0]!.Shape.BatchSize; n++)
            {
                ReadOnlySpan<double> x = inputs.Slice(n * depth, depth);
                double gradient = Wide(dy[n * units + o]);
                for (int k = 0; k < sums.Length; k++)
                    sums[k] += gradient * x[k];
            }
            Span<T> dw = weightGradient.Slice(o * depth, depth);
            for (int k = 0; k < sums.Length; k++)
                dw[k] = Round<T>(Wide(dw[k]) + sums[k]);
        }
    }
}

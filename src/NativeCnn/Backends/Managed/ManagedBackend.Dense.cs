using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    /// <inheritdoc/>
    public void DenseForward(Tensor input, Tensor weights, Tensor? bias, in Activation activation, Tensor output)
    {
        OperationChecks.DenseForward(input, weights, bias, activation, output, ElementType);
        if (IsFloat32)
            DenseForward<float>(input, weights, bias, activation, output);
        else
            DenseForward<double>(input, weights, bias, activation, output);
    }

    /// <inheritdoc/>
    public void DenseBackwardData(Tensor outputGradient, Tensor weights, Tensor inputGradient)
    {
        OperationChecks.DenseBackwardData(outputGradient, weights, inputGradient, ElementType);
        if (IsFloat32)
            DenseBackwardData<float>(outputGradient, weights, inputGradient);
        else
            DenseBackwardData<double>(outputGradient, weights, inputGradient);
    }

    /// <inheritdoc/>
    public void DenseBackwardWeights(Tensor input, Tensor outputGradient, Tensor weightGradient)
    {
        OperationChecks.DenseBackwardWeights(input, outputGradient, weightGradient, ElementType);
        if (IsFloat32)
            DenseBackwardWeights<float>(input, outputGradient, weightGradient);
        else
            DenseBackwardWeights<double>(input, outputGradient, weightGradient);
    }

    /// <inheritdoc/>
    public void DenseUpdateWeights(
        Tensor input,
        Tensor outputGradient,
        in SgdStep update,
        Tensor? velocity,
        Tensor weights
    )
    {
        OperationChecks.DenseUpdateWeights(input, outputGradient, update, velocity, weights, ElementType);
        if (IsFloat32)
            DenseUpdateWeights<float>(input, outputGradient, update, velocity, weights);
        else
            DenseUpdateWeights<double>(input, outputGradient, update, velocity, weights);
    }

    // y[n,o] = f(b[o] + Σ_k w[o,k] x[n,k])
    private static void DenseForward<T>(
        Tensor input,
        Tensor weights,
        Tensor? bias,
        in Activation activation,
        Tensor output
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<double> inputs = Widen<T>(input);
        ReadOnlySpan<T> b = bias is null ? default : bias.AsSpan<T>();
        Span<T> y = output.AsSpan<T>();
        int units = weights.Shape.Batch;
        int depth = weights.Shape.ExampleCount;
        for (int n = 0; n < input.Shape.Batch; n++)
        {
            ReadOnlySpan<double> x = inputs.Slice(n * depth, depth);
            for (int o = 0; o < units; o++)
            {
                ReadOnlySpan<T> w = weights.AsSpan<T>().Slice(o * depth, depth);
                double sum = bias is null ? 0 : Wide(b[o]);
                for (int k = 0; k < w.Length; k++)
                    sum += Wide(w[k]) * x[k];
                y[n * units + o] = Round<T>(Activate(activation, sum));
            }
        }
    }

    // dx[n,k] = Σ_o dy[n,o] w[o,k]
    private static void DenseBackwardData<T>(Tensor outputGradient, Tensor weights, Tensor inputGradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> dy = outputGradient.AsSpan<T>();
        int units = weights.Shape.Batch;
        int depth = weights.Shape.ExampleCount;
        var sums = new double[depth];
        for (int n = 0; n < inputGradient.Shape.Batch; n++)
        {
            Array.Clear(sums);
            for (int o = 0; o < units; o++)
            {
                ReadOnlySpan<T> w = weights.AsSpan<T>().Slice(o * depth, depth);
                double gradient = Wide(dy[n * units + o]);
                for (int k = 0; k < sums.Length; k++)
                    sums[k] += gradient * Wide(w[k]);
            }
            Span<T> dx = inputGradient.AsSpan<T>().Slice(n * depth, depth);
            for (int k = 0; k < sums.Length; k++)
                dx[k] = Round<T>(sums[k]);
        }
    }

    // dw[o,k] += Σ_n dy[n,o] x[n,k]
    private static void DenseBackwardWeights<T>(Tensor input, Tensor outputGradient, Tensor weightGradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<double> inputs = Widen<T>(input);
        ReadOnlySpan<T> dy = outputGradient.AsSpan<T>();
        int units = weightGradient.Shape.Batch;
        int depth = weightGradient.Shape.ExampleCount;
        var sums = new double[depth];
        for (int o = 0; o < units; o++)
        {
            Array.Clear(sums);
            for (int n = 0; n < input.Shape.Batch; n++)
            {
                ReadOnlySpan<double> x = inputs.Slice(n * depth, depth);
                double gradient = Wide(dy[n * units + o]);
                for (int k = 0; k < sums.Length; k++)
                    sums[k] += gradient * x[k];
            }
            Span<T> dw = weightGradient.AsSpan<T>().Slice(o * depth, depth);
            for (int k = 0; k < sums.Length; k++)
                dw[k] = Round<T>(Wide(dw[k]) + sums[k]);
        }
    }

    // g[o,k] = Σ_n dy[n,o] x[n,k]; v ← μv + (g + λw); w ← w − ηv; without a velocity μ is 0
    private static void DenseUpdateWeights<T>(
        Tensor input,
        Tensor outputGradient,
        in SgdStep update,
        Tensor? velocity,
        Tensor weights
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<double> inputs = Widen<T>(input);
        ReadOnlySpan<T> dy = outputGradient.AsSpan<T>();
        Span<T> v = velocity is null ? default : velocity.AsSpan<T>();
        Span<T> w = weights.AsSpan<T>();
        int units = weights.Shape.Batch;
        int depth = weights.Shape.ExampleCount;
        for (int o = 0; o < units; o++)
        {
            for (int k = 0; k < depth; k++)
            {
                double step = update.WeightDecay * Wide(w[o * depth + k]);
                for (int n = 0; n < input.Shape.Batch; n++)
                    step += Wide(dy[n * units + o]) * inputs[n * depth + k];
                if (velocity is not null)
                {
                    step += update.Momentum * Wide(v[o * depth + k]);
                    v[o * depth + k] = Round<T>(step);
                }
                w[o * depth + k] = Round<T>(Wide(w[o * depth + k]) - update.LearningRate * step);
            }
        }
    }
}

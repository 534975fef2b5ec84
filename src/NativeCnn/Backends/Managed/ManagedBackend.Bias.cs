using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    /// <inheritdoc/>
    public void BiasBackward(Tensor outputGradient, Tensor biasGradient)
    {
        OperationChecks.BiasBackward(outputGradient, biasGradient, ElementType);
        if (IsFloat32)
            BiasBackward<float>(outputGradient, biasGradient);
        else
            BiasBackward<double>(outputGradient, biasGradient);
    }

    /// <inheritdoc/>
    public void ActivationBiasBackward(
        in Activation activation,
        Tensor output,
        Tensor outputGradient,
        Tensor inputGradient,
        Tensor biasGradient
    )
    {
        OperationChecks.ActivationBiasBackward(
            activation,
            output,
            outputGradient,
            inputGradient,
            biasGradient,
            ElementType
        );
        if (IsFloat32)
            ActivationBiasBackward<float>(activation, output, outputGradient, inputGradient, biasGradient);
        else
            ActivationBiasBackward<double>(activation, output, outputGradient, inputGradient, biasGradient);
    }

    // db[o] += Σ_{n,y,x} dz[n,y,x,o]
    private static void BiasBackward<T>(Tensor outputGradient, Tensor biasGradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> dz = outputGradient.AsSpan<T>();
        Span<T> db = biasGradient.AsSpan<T>();
        for (int o = 0; o < db.Length; o++)
        {
            double sum = 0;
            for (int k = o; k < dz.Length; k += db.Length)
                sum += Wide(dz[k]);
            db[o] = Round<T>(Wide(db[o]) + sum);
        }
    }

    // dz = dy · f'(z), db[o] += Σ_{n,y,x} dz[n,y,x,o]
    private static void ActivationBiasBackward<T>(
        in Activation activation,
        Tensor output,
        Tensor outputGradient,
        Tensor inputGradient,
        Tensor biasGradient
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> y = output.AsSpan<T>();
        ReadOnlySpan<T> dy = outputGradient.AsSpan<T>();
        Span<T> dz = inputGradient.AsSpan<T>();
        Span<T> db = biasGradient.AsSpan<T>();
        for (int o = 0; o < db.Length; o++)
        {
            double sum = 0;
            for (int k = o; k < dz.Length; k += db.Length)
            {
                double value = InputGradient(activation, Wide(y[k]), Wide(dy[k]));
                dz[k] = Round<T>(value);
                sum += value;
            }
            db[o] = Round<T>(Wide(db[o]) + sum);
        }
    }
}

using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    /// <inheritdoc/>
    public void ActivationForward(in Activation activation, Tensor input, Tensor output)
    {
        OperationChecks.ActivationForward(activation, input, output, ElementType);
        if (IsFloat32)
            ActivationForward<float>(activation, input, output);
        else
            ActivationForward<double>(activation, input, output);
    }

    /// <inheritdoc/>
    public void ActivationBackward(in Activation activation, Tensor output, Tensor outputGradient, Tensor inputGradient)
    {
        OperationChecks.ActivationBackward(activation, output, outputGradient, inputGradient, ElementType);
        if (IsFloat32)
            ActivationBackward<float>(activation, output, outputGradient, inputGradient);
        else
            ActivationBackward<double>(activation, output, outputGradient, inputGradient);
    }

    // y = f(x)
    private static void ActivationForward<T>(in Activation activation, Tensor input, Tensor output)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> x = input.AsSpan<T>();
        Span<T> y = output.AsSpan<T>();
        for (int k = 0; k < y.Length; k++)
            y[k] = Round<T>(Activate(activation, Wide(x[k])));
    }

    // dx = dy · f'(x)
    private static void ActivationBackward<T>(
        in Activation activation,
        Tensor output,
        Tensor outputGradient,
        Tensor inputGradient
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> y = output.AsSpan<T>();
        ReadOnlySpan<T> dy = outputGradient.AsSpan<T>();
        Span<T> dx = inputGradient.AsSpan<T>();
        for (int k = 0; k < dx.Length; k++)
            dx[k] = Round<T>(InputGradient(activation, Wide(y[k]), Wide(dy[k])));
    }

    /// <summary>f(x).</summary>
    private static double Activate(in Activation f, double x) =>
        f.Kind switch
        {
            ActivationKind.Identity => x,
            ActivationKind.Logistic => 1 / (1 + Math.Exp(-(double)f.Beta * x)),
            ActivationKind.Tanh => Math.Tanh(x),
            ActivationKind.ScaledTanh => f.Alpha * Math.Tanh((double)f.Beta * x),
            // Written so that NaN stays NaN.
            ActivationKind.Relu => x <= 0 ? 0 : x,
            _ => throw new ArgumentOutOfRangeException(nameof(f), f.Kind, "No such activation."),
        };

    /// <summary>dy · f'(x), with f'(x) from y = f(x).</summary>
    private static double InputGradient(in Activation f, double y, double dy) =>
        f.Kind switch
        {
            ActivationKind.Identity => dy,
            // f' = β y (1 − y)
            ActivationKind.Logistic => dy * (f.Beta * y * (1 - y)),
            // f' = 1 − y²
            ActivationKind.Tanh => dy * (1 - y * y),
            // f' = αβ (1 − (y/α)²)
            ActivationKind.ScaledTanh => dy * (f.Beta * (f.Alpha - y * y / f.Alpha)),
            // The gradient passes where y > 0; elsewhere, a NaN included, it is 0 whatever dy is.
            ActivationKind.Relu => y > 0 ? dy : 0,
            _ => throw new ArgumentOutOfRangeException(nameof(f), f.Kind, "No such activation."),
        };
}

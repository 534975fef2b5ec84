using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Activation =
        Provide<ActivationForward>((b, operation) => new ActivationForwardKernel(b, operation))
        && Provide<ActivationBackward>((b, operation) => new ActivationBackwardKernel(b, operation));
}

internal sealed class ActivationForwardKernel(ManagedBackend backend, ActivationForward operation)
    : ManagedKernel<ActivationForward>(backend, operation)
{
    // y = f(x)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ActivationFormula f = ActivationFormula.Of(Operation.Activation);
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        for (int k = 0; k < y.Length; k++)
            y[k] = Round<T>(f.Output(Wide(x[k])));
    }
}

internal sealed class ActivationBackwardKernel(ManagedBackend backend, ActivationBackward operation)
    : ManagedKernel<ActivationBackward>(backend, operation)
{
    // dx = dy · f'(x)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ActivationFormula f = ActivationFormula.Of(Operation.Activation);
        ReadOnlySpan<T> y = Elements<T>(operands[0]);
        ReadOnlySpan<T> dy = Elements<T>(operands[1]);
        Span<T> dx = Elements<T>(operands[2]);
        for (int k = 0; k < dx.Length; k++)
            dx[k] = Round<T>(f.InputGradient(Wide(y[k]), Wide(dy[k])));
    }
}

/// <summary>The two formulas of an activation.</summary>
/// <param name="Output">f(x) of x.</param>
/// <param name="InputGradient">dy · f'(x) of y = f(x) and dy.</param>
internal sealed record ActivationFormula(Func<double, double> Output, Func<double, double, double> InputGradient)
{
    /// <summary>The formulas of an activation, with its constants.</summary>
    public static ActivationFormula Of(Activation f)
    {
        double alpha = f.Alpha;
        double beta = f.Beta;
        return f.Kind switch
        {
            ActivationKind.Identity => new(x => x, (_, dy) => dy),
            // f' = β y (1 − y)
            ActivationKind.Logistic => new(x => 1 / (1 + Math.Exp(-beta * x)), (y, dy) => dy * (beta * y * (1 - y))),
            // f' = 1 − y²
            ActivationKind.Tanh => new(Math.Tanh, (y, dy) => dy * (1 - y * y)),
            // f' = αβ (1 − (y/α)²)
            ActivationKind.ScaledTanh => new(
                x => alpha * Math.Tanh(beta * x),
                (y, dy) => dy * (beta * (alpha - y * y / alpha))
            ),
            // Written so that NaN stays NaN. The gradient passes where y > 0; elsewhere, a NaN included, it is 0
            // whatever dy is.
            ActivationKind.Relu => new(x => x <= 0 ? 0 : x, (y, dy) => y > 0 ? dy : 0),
            _ => throw new ArgumentOutOfRangeException(nameof(f), f.Kind, "There is no such activation."),
        };
    }
}

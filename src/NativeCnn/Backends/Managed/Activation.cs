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
        ReadOnlySpan<T> source = Elements<T>(operands[0]);
        ReadOnlySpan<T> dy = Elements<T>(operands[1]);
        Span<T> dx = Elements<T>(operands[2]);
        for (int k = 0; k < dx.Length; k++)
            dx[k] = Round<T>(f.InputGradient(Wide(source[k]), Wide(dy[k])));
    }
}

/// <summary>The two formulas of an activation.</summary>
/// <param name="Output">f(x) of x.</param>
/// <param name="InputGradient">dy · f'(x) of y = f(x), or of x where f needs its input, and dy.</param>
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
            // y > 0 where x > 0, unless α is negative, and then the source is x.
            ActivationKind.LeakyRelu => new(x => x > 0 ? x : alpha * x, (source, dy) => source > 0 ? dy : alpha * dy),
            // With t = kx, ln(1 + eᵗ) = max(t, 0) + ln(1 + e^−|t|). f' = logistic(kx) = 1 − e^(−ky)
            ActivationKind.Softplus => new(
                x => (beta * x > 0 ? x : 0) + LogOnePlus(Math.Exp(-Math.Abs(beta * x))) / beta,
                (y, dy) => dy * -ExpMinusOne(-beta * y)
            ),
            // f' = α eˣ = y + α where x ≤ 0
            ActivationKind.Elu => new(
                x => x > 0 ? x : alpha * ExpMinusOne(x),
                alpha < 0
                    ? (x, dy) => x > 0 ? dy : dy * (alpha * Math.Exp(x))
                    : (y, dy) => y > 0 ? dy : dy * (y + alpha)
            ),
            // The sign of 0 is 0 and of NaN NaN, whatever dy is.
            ActivationKind.Absolute => new(
                Math.Abs,
                (x, dy) =>
                    x > 0 ? dy
                    : x < 0 ? -dy
                    : x
            ),
            // As softplus: (2/k) max(kx, 0) − x is |x|, or −|x| where k < 0. f' = 2 logistic(kx) − 1 = tanh(kx/2)
            ActivationKind.SmoothAbsolute => new(
                x =>
                    Math.CopySign(1, beta) * Math.Abs(x)
                    + 2 / beta * (LogOnePlus(Math.Exp(-Math.Abs(beta * x))) - Math.Log(2)),
                (x, dy) => dy * Math.Tanh(beta * x / 2)
            ),
            ActivationKind.Gain => new(x => alpha * x, (_, dy) => alpha * dy),
            // As ReLU, and nothing passes at the ceiling either.
            ActivationKind.ClippedRelu => new(
                x =>
                    x <= 0 ? 0
                    : x >= alpha ? alpha
                    : x,
                (y, dy) => y > 0 && y < alpha ? dy : 0
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(f), f.Kind, "There is no such activation."),
        };
    }

    // ln(1 + u) for 0 ≤ u ≤ 1; what rounding 1 + u loses cancels in the quotient (Kahan).
    private static double LogOnePlus(double u)
    {
        double w = 1 + u;
        return w == 1 ? u : Math.Log(w) * (u / (w - 1));
    }

    // eˣ − 1 for x ≤ 0, in the same way.
    private static double ExpMinusOne(double x)
    {
        double w = Math.Exp(x);
        return w == 1 ? x
            : w < 0.25 ? w - 1
            : (w - 1) * (x / Math.Log(w));
    }
}

using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// A step of the stochastic diagonal Levenberg–Marquardt method (LeCun et al. 1998) with learning rate η, damping μ and
/// weight decay λ: w ← w − η (g + λw) / (|h| + μ), h the second derivative of the loss by the weight. It is estimated
/// elsewhere and stays as it is; the Gauss–Newton approximation makes it 0 or more, but for what rounding leaves.
/// </summary>
/// <remarks>
/// Operands: <c>gradient</c> g, <c>secondDerivative</c> h and <c>values</c> w. Scalars: <c>learningRate</c>,
/// <c>damping</c> μ above 0, and <c>weightDecay</c>.
/// </remarks>
/// <param name="shape">The parameter's shape.</param>
public sealed class DiagonalLevenbergMarquardtUpdate(Shape shape)
    : UpdateOperation(
        // The decayed gradient, a sum, a quotient and the step, each with a rounding or two.
        8,
        shape,
        [SecondDerivative],
        ["learningRate", "damping", "weightDecay"]
    )
{
    /// <summary>The name of the state that holds h.</summary>
    internal const string SecondDerivative = "secondDerivative";

    /// <inheritdoc/>
    protected internal override void CheckScalars(ReadOnlySpan<double> scalars)
    {
        base.CheckScalars(scalars);
        if (!((float)scalars[1] > 0))
            throw new ArgumentException($"{Name}: damping is above 0 as float32; got {scalars[1]}.");
    }
}

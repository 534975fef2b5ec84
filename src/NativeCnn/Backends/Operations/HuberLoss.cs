using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// Squared where it is small, absolute where it is large: the loss of an example is Σ ½ d² where |d| ≤ δ and
/// Σ δ (|d| − ½ δ) elsewhere, d = y − t over its values; the gradient is scale · d, limited to scale · ±δ.
/// </summary>
/// <remarks>P. J. Huber, "Robust estimation of a location parameter", 1964. NaN makes loss and gradient NaN.</remarks>
/// <param name="output">N×H×W×C of the output y, of the targets t and of the gradient.</param>
/// <param name="delta">δ, finite as float32 and above 0.</param>
/// <param name="wantsGradient">Whether the gradient is written.</param>
/// <exception cref="ArgumentOutOfRangeException">δ is not above 0, or not finite.</exception>
public sealed class HuberLoss(Shape output, double delta, bool wantsGradient)
    : LossOperation(
        output.ElementsPerExample,
        output,
        Operand.Read("targets", output),
        wantsGradient,
        gradientSumLength: 4
    )
{
    /// <summary>δ, where the square ends.</summary>
    public double Delta { get; } = NumberRange.AboveZeroAsSingle(delta, nameof(delta));
}

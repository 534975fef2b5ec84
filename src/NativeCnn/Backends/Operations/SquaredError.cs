using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// The loss of an example is factor · Σ (y − t)² over its values, the gradient scale · 2 · factor · (y − t): with a
/// factor of ½ and a scale of 1 the gradient is y − t.
/// </summary>
/// <param name="output">N×H×W×C of the output y, of the targets t and of the gradient.</param>
/// <param name="factor">½ or 1.</param>
/// <param name="wantsGradient">Whether the gradient is written.</param>
/// <exception cref="ArgumentOutOfRangeException">The factor is neither.</exception>
public sealed class SquaredError(Shape output, double factor, bool wantsGradient)
    : LossOperation(
        output.ElementsPerExample,
        output,
        Operand.Read("targets", output),
        wantsGradient,
        gradientSumLength: 4
    )
{
    /// <summary>½ or 1.</summary>
    public double Factor { get; } =
        factor is 0.5 or 1
            ? factor
            : throw new ArgumentOutOfRangeException(nameof(factor), factor, "SquaredError: the factor is 0.5 or 1.");
}

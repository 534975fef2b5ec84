using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// Logistic cross-entropy of every output by itself: the loss of an example is Σ log(1 + exp z) − t z over its values,
/// which is −Σ t log σ + (1 − t) log(1 − σ) with σ = 1 / (1 + exp −z); the gradient is scale · (σ − t).
/// </summary>
/// <remarks>
/// Computed from exp −|z|, which does not overflow. The targets of the examples that count are from 0 to 1, others are
/// refused. A NaN among the logits makes loss and gradient NaN.
/// </remarks>
/// <param name="logits">N×H×W×C of the output z, of the targets t and of the gradient.</param>
/// <param name="wantsGradient">Whether the gradient is written.</param>
public sealed class LogisticCrossEntropy(Shape logits, bool wantsGradient)
    : LossOperation(
        logits.ElementsPerExample,
        logits,
        Operand.Read("targets", logits),
        wantsGradient,
        gradientSumLength: 4
    )
{
    /// <inheritdoc/>
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        base.CheckValues(operands, scalars);
        TargetChecks.Shares(nameof(LogisticCrossEntropy), operands[1]!, (int)scalars[1]);
    }
}

using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// Softmax and cross-entropy in one: the loss of an example is log Σ_c exp z_c − Σ_c t_c z_c, the gradient
/// scale · (softmax z − t).
/// </summary>
/// <remarks>
/// t is 1 for the class that a label names and 0 for the others, or a row of probabilities: 0 or more each, with a sum
/// of 1, of which 10⁻⁴ may be missing or too much. Only the targets of the examples that count are looked at.
/// </remarks>
public sealed class SoftmaxCrossEntropy : LossOperation
{
    /// <summary>The loss of logits.</summary>
    /// <param name="logits">N×1×1×C of the output z and of the gradient.</param>
    /// <param name="hasProbabilities">
    /// Whether the targets are the probabilities t, N×1×1×C; if not, they are labels 0 to C − 1,
    /// <see cref="ElementType.Int32"/> N×1×1×1.
    /// </param>
    /// <param name="wantsGradient">Whether the gradient is written.</param>
    /// <exception cref="ShapeException">The logits are no vectors.</exception>
    public SoftmaxCrossEntropy(Shape logits, bool hasProbabilities, bool wantsGradient)
        : base(
            logits.Channels,
            logits,
            hasProbabilities
                ? Operand.Read("targets", logits)
                : Operand.Read("targets", Shape.Vector(logits.BatchSize, 1)) with
                {
                    Type = ElementType.Int32,
                },
            wantsGradient
        )
    {
        if (logits != Shape.Vector(logits.BatchSize, logits.Channels))
            throw new ShapeException($"SoftmaxCrossEntropy: logits are N×1×1×C; got {logits}.");
        HasProbabilities = hasProbabilities;
    }

    /// <summary>Whether the targets are probabilities; if not, they are labels.</summary>
    public bool HasProbabilities { get; }

    /// <inheritdoc/>
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        base.CheckValues(operands, scalars);
        if (HasProbabilities)
            TargetChecks.Probabilities(nameof(SoftmaxCrossEntropy), Output, operands[1]!, (int)scalars[1]);
        else
            TargetChecks.Labels(nameof(SoftmaxCrossEntropy), Output, operands[1]!, (int)scalars[1]);
    }
}

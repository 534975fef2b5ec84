using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// Multi-class hinge: the loss of an example is 1/C · Σ_c max(0, 1 − y_label + y_c) over the classes c other than the
/// label, as PyTorch's MultiMarginLoss; the gradient is scale / C for each class whose term is above 0, and −scale / C
/// times their number for the label.
/// </summary>
/// <remarks>
/// J. Weston, C. Watkins, "Support vector machines for multi-class pattern recognition", 1999. The label's own term
/// would be the constant 1 and is left out. A NaN among the outputs makes the loss and the gradients of its terms NaN.
/// </remarks>
public sealed class HingeLoss : LossOperation
{
    /// <summary>The loss of outputs.</summary>
    /// <param name="output">
    /// N×1×1×C of the output y and of the gradient; the targets are labels 0 to C − 1, <see cref="ElementType.Int32"/>
    /// N×1×1×1.
    /// </param>
    /// <param name="wantsGradient">Whether the gradient is written.</param>
    /// <exception cref="ShapeException">The outputs are no vectors.</exception>
    public HingeLoss(Shape output, bool wantsGradient)
        : base(
            output.Channels,
            output,
            Operand.Read("targets", Shape.Vector(output.BatchSize, 1)) with
            {
                Type = ElementType.Int32,
            },
            wantsGradient,
            gradientSumLength: 4
        )
    {
        if (output != Shape.Vector(output.BatchSize, output.Channels))
            throw new ShapeException($"HingeLoss: outputs are N×1×1×C; got {output}.");
    }

    /// <inheritdoc/>
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        base.CheckValues(operands, scalars);
        TargetChecks.Labels(nameof(HingeLoss), Output, operands[1]!, (int)scalars[1]);
    }
}

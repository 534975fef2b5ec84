using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// What training minimises: the loss of each example, computed from a network's output and from targets, and the
/// gradient of the losses' sum.
/// </summary>
/// <remarks>
/// The scalar <c>scale</c> is what the gradient is multiplied by, 1 / the number of examples for a mean; <c>count</c>
/// is how many examples count. The examples after those have a loss of 0 and a gradient of 0.
/// </remarks>
public abstract class LossOperation : Operation
{
    /// <summary>
    /// Declares the operands <c>output</c>, the targets, <c>losses</c> (N×1×1×1) and <c>outputGradient</c>.
    /// </summary>
    /// <param name="sumLength">How many rounded terms a loss sums at most.</param>
    /// <param name="output">N×H×W×C of the network's output and of its gradient.</param>
    /// <param name="targets">What the output is compared with; it is read.</param>
    /// <param name="wantsGradient">Whether the gradient is written; if not, only the losses are.</param>
    /// <param name="gradientSumLength">That of the gradient; as many as of a loss by default.</param>
    protected LossOperation(
        long sumLength,
        Shape output,
        Operand targets,
        bool wantsGradient,
        int? gradientSumLength = null
    )
        : base(
            "loss",
            sumLength,
            [
                Operand.Read("output", output),
                targets,
                Operand.Overwritten("losses", Shape.Vector(output.BatchSize, 1)),
                Operand.Overwritten("outputGradient", output, wantsGradient) with
                {
                    SumLength = gradientSumLength,
                },
            ],
            ["scale", "count"]
        ) => Output = output;

    /// <summary>N×H×W×C of the network's output.</summary>
    public Shape Output { get; }

    /// <inheritdoc/>
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        double scale = scalars[0];
        double count = scalars[1];
        // What float32 does not hold would be an infinite gradient.
        if (!float.IsFinite((float)scale))
            throw new ArgumentOutOfRangeException(
                nameof(scalars),
                $"{Name}: the gradient's scale is a finite float32; got {scale}."
            );
        if (!(count >= 0 && count <= Output.BatchSize && count == Math.Floor(count)))
            throw new ArgumentOutOfRangeException(
                nameof(scalars),
                $"{Name}: {count} examples of an output of {Output}; from 0 to {Output.BatchSize} can count."
            );
    }
}

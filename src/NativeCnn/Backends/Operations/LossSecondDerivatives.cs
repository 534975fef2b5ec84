using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// The diagonal of a loss's second derivatives by a network's outputs: where the diagonal of second derivatives begins
/// that layers propagate back.
/// </summary>
/// <remarks>
/// Operands: <c>output</c> N×H×W×C of the network, <c>secondDerivatives</c> of the same shape. The scalar
/// <c>count</c> is how many examples count; those after them have second derivatives of 0. Losses of which they depend
/// on the targets have none here.
/// </remarks>
public abstract class LossSecondDerivatives : Operation
{
    /// <summary>Declares the operands <c>output</c> and <c>secondDerivatives</c>.</summary>
    /// <param name="sumLength">How many rounded terms a second derivative sums at most.</param>
    /// <param name="output">N×H×W×C of the network's output.</param>
    protected LossSecondDerivatives(long sumLength, Shape output)
        : base(
            "loss",
            sumLength,
            [Operand.Read("output", output), Operand.Overwritten("secondDerivatives", output)],
            ["count"]
        ) => Output = output;

    /// <summary>N×H×W×C of the network's output.</summary>
    public Shape Output { get; }

    /// <inheritdoc/>
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        double count = scalars[0];
        if (!(count >= 0 && count <= Output.BatchSize && count == Math.Floor(count)))
            throw new ArgumentOutOfRangeException(
                nameof(scalars),
                $"{Name}: {count} examples of an output of {Output}; from 0 to {Output.BatchSize} can count."
            );
    }
}

/// <summary>Of <see cref="SquaredError"/>: 2 · factor everywhere, whatever the output.</summary>
/// <param name="output">N×H×W×C of the network's output.</param>
/// <param name="factor">½ or 1.</param>
/// <exception cref="ArgumentOutOfRangeException">The factor is neither.</exception>
public sealed class SquaredErrorSecondDerivatives(Shape output, double factor) : LossSecondDerivatives(0, output)
{
    /// <summary>½ or 1.</summary>
    public double Factor { get; } =
        factor is 0.5 or 1
            ? factor
            : throw new ArgumentOutOfRangeException(
                nameof(factor),
                factor,
                "SquaredErrorSecondDerivatives: the factor is 0.5 or 1."
            );
}

/// <summary>
/// Of <see cref="SoftmaxCrossEntropy"/> with targets that sum to 1: p (1 − p) with p = softmax(z) of the logits z of an
/// example. A logit that is NaN or +∞ makes all of its example's NaN, and so do logits that are all −∞.
/// </summary>
/// <param name="output">N×1×1×C of the logits.</param>
public sealed class SoftmaxCrossEntropySecondDerivatives(Shape output)
    : LossSecondDerivatives(output.ElementsPerExample, output);

/// <summary>Of <see cref="LogisticCrossEntropy"/>: σ(z) (1 − σ(z)), each logit z by itself.</summary>
/// <param name="output">N×H×W×C of the logits.</param>
public sealed class LogisticCrossEntropySecondDerivatives(Shape output) : LossSecondDerivatives(4, output);

using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>Which norm of the weights a <see cref="WeightPenalty"/> is of.</summary>
public enum WeightPenaltyKind
{
    /// <summary>strength · Σ |w|.</summary>
    L1,

    /// <summary>strength / 2 · Σ w².</summary>
    L2,
}

/// <summary>
/// A term of the loss that keeps weights small: L2 is strength / 2 · Σ w² with the gradient strength · w, L1 is
/// strength · Σ |w| with the gradient strength · sign w (0 where w is 0).
/// </summary>
/// <param name="kind">The norm.</param>
/// <param name="shape">The sizes of the weights and of their gradient, which is added to; the sum is 1×1×1×1.</param>
/// <remarks>The scalar <c>strength</c> is finite and 0 or more.</remarks>
/// <exception cref="ArgumentOutOfRangeException">There is no such norm.</exception>
public sealed class WeightPenalty(WeightPenaltyKind kind, Shape shape)
    : Operation(
        "penalty",
        shape.Count,
        [
            Operand.Read("values", shape),
            Operand.Accumulated("gradient", shape) with
            {
                SumLength = 2,
            },
            Operand.Overwritten("sum", Shape.Vector(1, 1)),
        ],
        ["strength"]
    )
{
    /// <summary>The norm.</summary>
    public WeightPenaltyKind Kind { get; } =
        Enum.IsDefined(kind)
            ? kind
            : throw new ArgumentOutOfRangeException(nameof(kind), kind, "WeightPenalty: there is no such norm.");

    /// <inheritdoc/>
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        double strength = scalars[0];
        if (!(strength >= 0 && float.IsFinite((float)strength)))
            throw new ArgumentOutOfRangeException(
                nameof(scalars),
                $"WeightPenalty: the strength is a finite float32 and not below 0; got {strength}."
            );
    }
}

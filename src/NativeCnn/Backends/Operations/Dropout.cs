using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// A dropout mask that is recomputed wherever it is needed: element i is dropped if the i-th random number of the
/// step's key is below ⌊p · 2³²⌋; what is kept is scaled by 1 / (1 − p).
/// </summary>
/// <remarks>
/// The random numbers are those of <c>nativecnn_dropout_apply</c>, the same on every machine: elements 2j and 2j + 1
/// take the low and the high half of splitmix64(key + j · 0x9E3779B97F4A7C15) (Steele, Lea and Flood 2014).
/// </remarks>
public readonly record struct DropoutOptions
{
    /// <summary>A mask.</summary>
    /// <param name="key">Tells the masks of a network apart.</param>
    /// <param name="probability">The probability p of being dropped, 0 ≤ p &lt; 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is outside that.</exception>
    public DropoutOptions(ulong key, float probability)
    {
        if (probability is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(
                nameof(probability),
                $"Dropout: the probability of being dropped is at least 0 and less than 1; got {probability}."
            );
        Key = key;
        Probability = probability;
    }

    /// <summary>What tells the masks of a network apart.</summary>
    public ulong Key { get; }

    /// <summary>The probability of being dropped.</summary>
    public float Probability { get; }

    /// <summary>The key of a step's mask.</summary>
    /// <param name="step">The step's number, whole.</param>
    internal ulong KeyOf(double step) =>
        // An odd multiplier far from the generator's own keeps the streams of successive steps apart.
        unchecked(Key + (ulong)step * 0xD1342543DE82EF95UL);

    /// <exception cref="ArgumentOutOfRangeException">It is no number of a step.</exception>
    internal static void CheckStep(Operation operation, ReadOnlySpan<double> scalars)
    {
        double step = scalars[0];
        // Larger numbers have no successor in float64.
        if (!(step >= 0 && step <= 1L << 53 && step == Math.Floor(step)))
            throw new ArgumentOutOfRangeException(
                nameof(scalars),
                $"{operation.Name}: the step is a whole number from 0 to 2⁵³; got {step}."
            );
    }
}

/// <summary>
/// y[i] = 0 where the step's mask drops element i, whatever it was, an infinity and a NaN too; else x[i] / (1 − p). Of
/// gradients it is the backward pass.
/// </summary>
/// <param name="options">The mask.</param>
/// <param name="shape">N×H×W×C of both operands.</param>
/// <param name="isBackward">Whether it is the backward pass, which only the profile cares about.</param>
/// <remarks>
/// The scalar <c>step</c> is the number of the training step, whole and 0 or more: every step has a mask of its own.
/// </remarks>
public sealed class Dropout(DropoutOptions options, Shape shape, bool isBackward = false)
    : Operation(
        isBackward ? "backward-data" : "forward",
        0,
        [Operand.Read("input", shape), Operand.Overwritten("output", shape, mayBe: "input")],
        ["step"]
    )
{
    /// <summary>The mask.</summary>
    public DropoutOptions Options => options;

    /// <inheritdoc/>
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars) =>
        DropoutOptions.CheckStep(this, scalars);
}

using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// Step t of Adam (Kingma and Ba 2015) with learning rate η and weight decay λ, as PyTorch defines it: g' = g + λw,
/// m ← β₁m + (1 − β₁)g', v ← β₂v + (1 − β₂)g'², w ← w − η (m / (1 − β₁^t)) / (√(v / (1 − β₂^t)) + ε). With decoupled
/// weight decay (AdamW, Loshchilov and Hutter 2019) w ← (1 − ηλ)w goes first, and g' = g.
/// </summary>
/// <remarks>
/// Operands: <c>gradient</c> g, <c>firstMoment</c> m, <c>secondMoment</c> v and <c>values</c> w. Scalars:
/// <c>learningRate</c>, <c>beta1</c> and <c>beta2</c>, 0 ≤ β &lt; 1, <c>epsilon</c> above 0, <c>weightDecay</c>, and
/// <c>step</c> t = 1, 2, …
/// </remarks>
/// <param name="shape">The parameter's shape.</param>
/// <param name="isDecoupled">Whether the weight decay is decoupled from the gradient.</param>
public sealed class AdamUpdate(Shape shape, bool isDecoupled = false)
    : UpdateOperation(
        // The moments and their corrections, a root, a quotient and the sum, each with a rounding or two.
        12,
        shape,
        ["firstMoment", "secondMoment"],
        ["learningRate", "beta1", "beta2", "epsilon", "weightDecay", "step"]
    )
{
    /// <summary>Whether the weight decay is decoupled from the gradient.</summary>
    public bool IsDecoupled => isDecoupled;

    /// <inheritdoc/>
    protected internal override void CheckScalars(ReadOnlySpan<double> scalars)
    {
        base.CheckScalars(scalars);
        CheckBeta(scalars, 1);
        CheckBeta(scalars, 2);
        double epsilon = scalars[3];
        if (!((float)epsilon > 0))
            throw new ArgumentException($"{Name}: epsilon is above 0 as float32; got {epsilon}.");
        double step = scalars[5];
        if (!(step >= 1) || step != Math.Floor(step))
            throw new ArgumentException($"{Name}: step is 1 or a larger whole number; got {step}.");
    }

    // As float32, since a β that rounds to 1 would leave nothing to divide by.
    private void CheckBeta(ReadOnlySpan<double> scalars, int place)
    {
        if (!((float)scalars[place] is >= 0 and < 1))
            throw new ArgumentException($"{Name}: {Scalars[place]} is 0 or more and below 1; got {scalars[place]}.");
    }
}

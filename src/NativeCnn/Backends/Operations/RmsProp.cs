using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// A step of RMSProp (Tieleman and Hinton 2012) with learning rate η, momentum μ and weight decay λ, as PyTorch defines
/// it: g' = g + λw, s ← αs + (1 − α)g'², v ← μv + g' / (√s + ε), w ← w − ηv.
/// </summary>
/// <remarks>
/// Operands: <c>gradient</c> g, <c>velocity</c> v where there is momentum, <c>meanSquare</c> s and <c>values</c> w.
/// Scalars: <c>learningRate</c>, <c>smoothing</c> α, 0 ≤ α &lt; 1, <c>epsilon</c> above 0, <c>momentum</c>, which is 0
/// without a velocity, and <c>weightDecay</c>.
/// </remarks>
/// <param name="shape">The parameter's shape.</param>
/// <param name="hasMomentum">Whether there is a velocity.</param>
public sealed class RmsPropUpdate(Shape shape, bool hasMomentum = false)
    : UpdateOperation(
        // The mean, a root, a quotient, the velocity and the sum, each with a rounding or two.
        12,
        shape,
        hasMomentum ? ["velocity", "meanSquare"] : ["meanSquare"],
        ["learningRate", "smoothing", "epsilon", "momentum", "weightDecay"]
    )
{
    /// <summary>Whether there is a velocity.</summary>
    public bool HasMomentum => hasMomentum;

    /// <inheritdoc/>
    protected internal override void CheckScalars(ReadOnlySpan<double> scalars)
    {
        base.CheckScalars(scalars);
        // As float32, since an α that rounds to 1 would keep a mean of 0.
        if (!((float)scalars[1] is >= 0 and < 1))
            throw new ArgumentException($"{Name}: smoothing is 0 or more and below 1; got {scalars[1]}.");
        if (!((float)scalars[2] > 0))
            throw new ArgumentException($"{Name}: epsilon is above 0 as float32; got {scalars[2]}.");
        if (!HasMomentum && scalars[3] != 0)
            throw new ArgumentException($"{Name}: a momentum of {scalars[3]} needs a velocity.");
    }
}

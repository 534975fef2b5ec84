using NativeCnn.Backends.Operations;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Optimizers;

/// <summary>
/// Adam, as PyTorch defines it, with g' = g + λw: m ← β₁m + (1 − β₁)g'; v ← β₂v + (1 − β₂)g'²; w ← w − η (m/(1 − β₁ᵗ))
/// / (√(v/(1 − β₂ᵗ)) + ε). With <see cref="IsDecoupled"/> (AdamW) w ← (1 − ηλ)w first, and g' = g.
/// </summary>
/// <remarks>
/// Source: D. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015; I. Loshchilov, F. Hutter,
/// "Decoupled weight decay regularization", ICLR 2019.
/// </remarks>
public sealed class Adam : Optimizer
{
    /// <summary>Adam with a step size of 0.001.</summary>
    public Adam() => LearningRate = 1e-3f;

    /// <summary>β₁, 0 ≤ β₁ &lt; 1; 0.9 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public float Beta1
    {
        get;
        set => field = NumberRange.BelowOne(value);
    } = 0.9f;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1; 0.999 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public float Beta2
    {
        get;
        set => field = NumberRange.BelowOne(value);
    } = 0.999f;

    /// <summary>ε, above 0; 1e-8 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or not finite.</exception>
    public float Epsilon
    {
        get;
        set => field = NumberRange.AboveZero(value);
    } = 1e-8f;

    /// <summary>λ, 0 or more; 0 by default. A parameter's own factor multiplies it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or not finite.</exception>
    public float WeightDecay
    {
        get;
        set => field = NumberRange.AtLeastZero(value);
    }

    /// <summary>Whether weights decay apart from the gradient (AdamW); not so by default.</summary>
    public bool IsDecoupled { get; init; }

    /// <inheritdoc/>
    public override UpdateOperation Declare(Shape parameter) => new AdamUpdate(parameter, IsDecoupled);

    /// <inheritdoc/>
    public override void WriteScalars(Parameter parameter, long step, Span<double> scalars)
    {
        Check(parameter, scalars, 6);
        scalars[0] = LearningRate * parameter.LearningRateFactor;
        scalars[1] = Beta1;
        scalars[2] = Beta2;
        scalars[3] = Epsilon;
        scalars[4] = WeightDecay * parameter.WeightDecayFactor;
        scalars[5] = step;
    }
}

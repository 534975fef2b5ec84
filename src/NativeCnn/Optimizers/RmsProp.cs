using NativeCnn.Backends.Operations;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Optimizers;

/// <summary>
/// RMSProp with momentum μ and weight decay λ, as PyTorch defines it, not centred: g' = g + λw; s ← αs + (1 − α)g'²;
/// v ← μv + g' / (√s + ε); w ← w − ηv.
/// </summary>
/// <remarks>Source: T. Tieleman, G. Hinton, "Lecture 6.5, RMSProp", Coursera 2012.</remarks>
public sealed class RmsProp : Optimizer
{
    /// <summary>RMSProp with a step size of 0.01.</summary>
    public RmsProp() => LearningRate = 0.01f;

    /// <summary>α, the part of the mean square that a step keeps, 0 ≤ α &lt; 1; 0.99 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public float Smoothing
    {
        get;
        set => field = NumberRange.BelowOne(value);
    } = 0.99f;

    /// <summary>ε, above 0; 1e-8 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or not finite.</exception>
    public float Epsilon
    {
        get;
        set => field = NumberRange.AboveZero(value);
    } = 1e-8f;

    /// <summary>
    /// μ, 0 ≤ μ &lt; 1; 0 by default. What it is when a network is compiled decides whether velocities are kept.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public float Momentum
    {
        get;
        set => field = NumberRange.BelowOne(value);
    }

    /// <summary>λ, 0 or more; 0 by default. A parameter's own factor multiplies it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or not finite.</exception>
    public float WeightDecay
    {
        get;
        set => field = NumberRange.AtLeastZero(value);
    }

    /// <inheritdoc/>
    public override UpdateOperation Declare(Shape parameter) => new RmsPropUpdate(parameter, Momentum != 0);

    /// <inheritdoc/>
    public override void WriteScalars(Parameter parameter, long step, Span<double> scalars)
    {
        Check(parameter, scalars, 5);
        scalars[0] = LearningRate * parameter.LearningRateFactor;
        scalars[1] = Smoothing;
        scalars[2] = Epsilon;
        scalars[3] = Momentum;
        scalars[4] = WeightDecay * parameter.WeightDecayFactor;
    }
}

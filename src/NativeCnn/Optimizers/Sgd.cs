using NativeCnn.Backends.Operations;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum μ and weight decay λ, as PyTorch defines it: v ← μv + (g + λw); w ← w −
/// ηv. With <see cref="IsNesterov"/> w ← w − η((g + λw) + μv).
/// </summary>
/// <remarks>Source: I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of initialization and momentum in
/// deep learning", 2013.</remarks>
public sealed class Sgd : Optimizer
{
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

    /// <summary>
    /// Whether the gradient is taken where momentum alone would lead (Nesterov's form); not so by default.
    /// </summary>
    public bool IsNesterov { get; init; }

    /// <inheritdoc/>
    public override UpdateOperation Declare(Shape parameter) => new SgdUpdate(parameter, Momentum != 0, IsNesterov);

    /// <inheritdoc/>
    public override void WriteScalars(Parameter parameter, long step, Span<double> scalars)
    {
        Check(parameter, scalars, 3);
        scalars[0] = LearningRate * parameter.LearningRateFactor;
        scalars[1] = Momentum;
        scalars[2] = WeightDecay * parameter.WeightDecayFactor;
    }
}

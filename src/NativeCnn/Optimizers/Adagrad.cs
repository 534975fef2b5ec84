using NativeCnn.Backends.Operations;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Optimizers;

/// <summary>
/// Adagrad with weight decay λ, as PyTorch defines it: g' = g + λw; s ← s + g'²; w ← w − η g' / (√s + ε).
/// </summary>
/// <remarks>
/// Source: J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic
/// optimization", JMLR 2011. A rate that falls besides is a schedule's.
/// </remarks>
public sealed class Adagrad : Optimizer
{
    /// <summary>Adagrad with a step size of 0.01.</summary>
    public Adagrad() => LearningRate = 0.01f;

    /// <summary>ε, above 0; 1e-10 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or not finite.</exception>
    public float Epsilon
    {
        get;
        set => field = NumberRange.AboveZero(value);
    } = 1e-10f;

    /// <summary>λ, 0 or more; 0 by default. A parameter's own factor multiplies it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or not finite.</exception>
    public float WeightDecay
    {
        get;
        set => field = NumberRange.AtLeastZero(value);
    }

    /// <inheritdoc/>
    public override UpdateOperation Declare(Shape parameter) => new AdagradUpdate(parameter);

    /// <inheritdoc/>
    public override void WriteScalars(Parameter parameter, long step, Span<double> scalars)
    {
        Check(parameter, scalars, 3);
        scalars[0] = LearningRate * parameter.LearningRateFactor;
        scalars[1] = Epsilon;
        scalars[2] = WeightDecay * parameter.WeightDecayFactor;
    }
}

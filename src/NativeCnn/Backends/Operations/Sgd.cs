using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// A step of stochastic gradient descent with learning rate η, momentum μ and weight decay λ, as PyTorch defines it:
/// v ← μv + (g + λw), w ← w − ηv; with Nesterov's momentum w ← w − η((g + λw) + μv), v the new one.
/// </summary>
/// <remarks>
/// Operands: <c>gradient</c> g, <c>velocity</c> v where there is momentum, and <c>values</c> w. Scalars:
/// <c>learningRate</c>, <c>momentum</c> and <c>weightDecay</c>; without a velocity the momentum is 0.
/// </remarks>
public sealed class SgdUpdate : UpdateOperation
{
    /// <summary>A step of stochastic gradient descent.</summary>
    /// <param name="shape">The parameter's shape.</param>
    /// <param name="hasMomentum">Whether there is a velocity.</param>
    /// <param name="isNesterov">Whether the momentum is Nesterov's.</param>
    /// <exception cref="ArgumentException">Nesterov's momentum without a velocity.</exception>
    public SgdUpdate(Shape shape, bool hasMomentum, bool isNesterov = false)
        : base(isNesterov ? 5 : 4, shape, hasMomentum ? ["velocity"] : [], ["learningRate", "momentum", "weightDecay"])
    {
        if (isNesterov && !hasMomentum)
            throw new ArgumentException("SgdUpdate: Nesterov's momentum needs a velocity.", nameof(isNesterov));
        HasMomentum = hasMomentum;
        IsNesterov = isNesterov;
    }

    /// <summary>Whether there is a velocity.</summary>
    public bool HasMomentum { get; }

    /// <summary>Whether the momentum is Nesterov's.</summary>
    public bool IsNesterov { get; }

    /// <inheritdoc/>
    protected internal override void CheckScalars(ReadOnlySpan<double> scalars)
    {
        base.CheckScalars(scalars);
        double momentum = scalars[1];
        if (!HasMomentum && momentum != 0)
            throw new ArgumentException($"{Name}: a momentum of {momentum} needs a velocity.");
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Optimizers;

/// <summary>
/// How parameters are changed from their gradients: names the operation of one step and gives its scalars. What it
/// keeps for each value, such as a velocity, belongs to the compiled network.
/// </summary>
/// <remarks>
/// An optimiser of one's own declares an <see cref="UpdateOperation"/> of its own, for which some backend has a kernel.
/// Dense layers take the steps that the native backend knows in their backward pass, so that the gradient of large
/// weights is never stored.
/// </remarks>
public abstract class Optimizer
{
    /// <summary>The step size η, 0 or more; a parameter's own factor multiplies it. It may change between steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or not finite.</exception>
    public float LearningRate
    {
        get;
        set => field = NumberRange.AtLeastZero(value);
    } = 0.01f;

    /// <summary>The operation of one step.</summary>
    /// <param name="parameter">The parameter's sizes.</param>
    public abstract UpdateOperation Declare(Shape parameter);

    /// <summary>Writes the scalars of a parameter's next step.</summary>
    /// <param name="parameter">The parameter, whose factors multiply rate and decay.</param>
    /// <param name="step">The step's number, from 1.</param>
    /// <param name="scalars">In the order in which the operation declares them.</param>
    public abstract void WriteScalars(Parameter parameter, long step, Span<double> scalars);

    /// <summary>Refuses a step without a parameter, or without room for its numbers.</summary>
    private protected static void Check(Parameter parameter, Span<double> scalars, int count)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        if (scalars.Length != count)
            throw new ArgumentException($"A step has {count} scalars; got room for {scalars.Length}.", nameof(scalars));
    }
}

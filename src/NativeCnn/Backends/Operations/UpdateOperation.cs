using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>A step of an optimiser: a parameter's new values from its gradient and what earlier steps left.</summary>
/// <remarks>
/// Operands: <c>gradient</c>, the states in their order, which are updated and 0 before the first step, and
/// <c>values</c>, which are updated; all of one shape. The new values of an element follow from that element of the
/// operands alone, so that parts of a parameter may be updated as their gradient is computed, which
/// <see cref="DenseUpdate"/> does.
/// </remarks>
public abstract class UpdateOperation : Operation
{
    /// <summary>Declares an update.</summary>
    /// <param name="sumLength">How many rounded terms a new value sums at most.</param>
    /// <param name="shape">The parameter's shape.</param>
    /// <param name="states">The names of what is kept from step to step, such as <c>velocity</c>.</param>
    /// <param name="scalars">The names of what may differ from step to step, such as <c>learningRate</c>.</param>
    protected UpdateOperation(long sumLength, Shape shape, IReadOnlyList<string> states, IReadOnlyList<string> scalars)
        : base(
            "optimiser",
            sumLength,
            [
                Operand.Read("gradient", shape),
                .. states.Select(state => Operand.Updated(state, shape)),
                Operand.Updated("values", shape),
            ],
            scalars
        )
    {
        Shape = shape;
        States = states;
    }

    /// <summary>The parameter's shape, which every operand has.</summary>
    public Shape Shape { get; }

    /// <summary>The names of what is kept from step to step.</summary>
    public IReadOnlyList<string> States { get; }

    /// <summary>Refuses scalars that kernels must not see; by default those that are not finite as float32.</summary>
    /// <exception cref="ArgumentException">A scalar does not fit; the message names update and scalar.</exception>
    protected internal virtual void CheckScalars(ReadOnlySpan<double> scalars)
    {
        for (int i = 0; i < scalars.Length; i++)
        {
            if (!float.IsFinite((float)scalars[i]))
                throw new ArgumentException($"{Name}: {Scalars[i]} is finite as float32; got {scalars[i]}.");
        }
    }

    /// <inheritdoc/>
    /// <remarks>Sealed: where the gradient is computed in the same pass, the scalars are all that is checked.</remarks>
    protected sealed override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars) =>
        CheckScalars(scalars);
}

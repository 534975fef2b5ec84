using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// <see cref="DenseBackwardWeights"/> from a zero gradient and an update of the weights in one pass: the gradient
/// g[o,k] = Σ_n dy[n,o] x[n,k] is used where it is computed and never stored. For weights so large that storing it
/// would cost more than computing it.
/// </summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C, <c>outputGradient</c> N×1×1×O, the update's states, and <c>weights</c>,
/// O×1×1×(H·W·C) or O×H×W×C, which are updated. The scalars are the update's.
/// </remarks>
/// <param name="update">The update, whose shape is the weights'.</param>
/// <param name="input">N×H×W×C.</param>
/// <exception cref="ShapeException">The weights do not fit the input.</exception>
public sealed class DenseUpdate(UpdateOperation update, Shape input)
    : Operation(
        "backward-weights",
        (long)input.BatchSize + Given(update).SumLength,
        [
            Operand.Read("input", input),
            Operand.Read("outputGradient", DenseShapes.Output(input, update.Shape)),
            .. update.States.Select(state => Operand.Updated(state, update.Shape)),
            Operand.Updated("weights", DenseShapes.Weights(input, update.Shape)),
        ],
        update.Scalars,
        multiplyAdds: DenseShapes.MultiplyAdds(input, update.Shape)
    )
{
    /// <summary>The update.</summary>
    public UpdateOperation Update => update;

    private static UpdateOperation Given(UpdateOperation update)
    {
        ArgumentNullException.ThrowIfNull(update);
        return update;
    }

    /// <inheritdoc/>
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars) =>
        update.CheckScalars(scalars);
}

using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>y[n,o] = f(Σ_k w[o,k] x[n,k] + b[o]), k over all elements of an example.</summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C, read as N × H·W·C, <c>weights</c> O×1×1×(H·W·C) or O×H×W×C, <c>bias</c> 1×1×1×O and
/// <c>output</c> N×1×1×O.
/// </remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="weights">O×1×1×(H·W·C), or O×H×W×C.</param>
/// <param name="activation">f.</param>
/// <param name="hasBias">Whether b is added.</param>
/// <exception cref="ArgumentOutOfRangeException">The activation's kind or constants do not fit.</exception>
/// <exception cref="ShapeException">The weights do not fit the input.</exception>
public sealed class DenseForward(Shape input, Shape weights, Activation activation, bool hasBias)
    : Operation(
        "forward",
        input.ElementsPerExample + (hasBias ? 1L : 0),
        [
            Operand.Read("input", input),
            Operand.Read("weights", DenseShapes.Weights(input, weights)),
            Operand.Read("bias", Shape.Vector(1, weights.Outputs), hasBias),
            Operand.Overwritten("output", DenseShapes.Output(input, weights)),
        ],
        multiplyAdds: DenseShapes.MultiplyAdds(input, weights)
    )
{
    /// <summary>f.</summary>
    public Activation Activation { get; } = activation.Checked(nameof(activation));

    /// <summary>Whether b is added.</summary>
    public bool HasBias => hasBias;
}

/// <summary>The input's gradient: dx[n,k] = Σ_o dy[n,o] w[o,k].</summary>
/// <remarks>
/// Operands: <c>outputGradient</c> N×1×1×O, <c>weights</c> O×1×1×(H·W·C) or O×H×W×C, and <c>inputGradient</c> N×H×W×C.
/// </remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="weights">O×1×1×(H·W·C), or O×H×W×C.</param>
/// <exception cref="ShapeException">The weights do not fit the input.</exception>
public sealed class DenseBackwardData(Shape input, Shape weights)
    : Operation(
        "backward-data",
        weights.Outputs,
        [
            Operand.Read("outputGradient", DenseShapes.Output(input, weights)),
            Operand.Read("weights", DenseShapes.Weights(input, weights)),
            Operand.Overwritten("inputGradient", input),
        ],
        multiplyAdds: DenseShapes.MultiplyAdds(input, weights)
    );

/// <summary>Adds the weights' gradient: dw[o,k] ← dw[o,k] + Σ_n dy[n,o] x[n,k].</summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C, <c>outputGradient</c> N×1×1×O and <c>weightGradient</c> O×1×1×(H·W·C) or O×H×W×C.
/// </remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="weights">O×1×1×(H·W·C), or O×H×W×C.</param>
/// <exception cref="ShapeException">The weights do not fit the input.</exception>
public sealed class DenseBackwardWeights(Shape input, Shape weights)
    : Operation(
        "backward-weights",
        input.BatchSize + 1L,
        [
            Operand.Read("input", input),
            Operand.Read("outputGradient", DenseShapes.Output(input, weights)),
            Operand.Accumulated("weightGradient", DenseShapes.Weights(input, weights)),
        ],
        multiplyAdds: DenseShapes.MultiplyAdds(input, weights)
    );

/// <summary>The shapes of a dense layer.</summary>
internal static class DenseShapes
{
    /// <summary>The weights' shape, refused unless it is O×1×1×(H·W·C) or O×H×W×C for an input of N×H×W×C.</summary>
    public static Shape Weights(Shape input, Shape weights)
    {
        Shape flat = Shape.Vector(weights.Outputs, input.ElementsPerExample);
        Shape unfolded = input.WithBatchSize(weights.Outputs);
        if (weights != flat && weights != unfolded)
            throw new ShapeException(
                $"Weights of {weights} do not fit an input of {input}; expected {flat} or {unfolded}."
            );
        return weights;
    }

    /// <summary>N×1×1×O.</summary>
    public static Shape Output(Shape input, Shape weights) => Shape.Vector(input.BatchSize, weights.Outputs);

    /// <summary>Multiply-adds of any of the products.</summary>
    public static long MultiplyAdds(Shape input, Shape weights) => (long)input.Count * weights.Outputs;
}

using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// y[n,o] = ±Σ_k (x[n,k] − w[o,k])²: how far an example is from each centre, k over all its elements, or minus that.
/// </summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C, <c>centres</c> O×H×W×C and <c>output</c> N×1×1×O.
/// </remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="units">O, 1 or more.</param>
/// <param name="isNegated">Whether the sign is −, so that the nearest centre has the greatest output.</param>
/// <exception cref="ShapeException">The number of units is below 1, or there are too many elements.</exception>
public sealed class RadialBasisForward(Shape input, int units, bool isNegated = false)
    : Operation(
        "forward",
        // A difference is up to 2, its square up to 4.
        4L * input.ElementsPerExample,
        [
            Operand.Read("input", input),
            Operand.Read("centres", input.WithBatchSize(units)),
            Operand.Overwritten("output", Shape.Vector(input.BatchSize, units)),
        ],
        multiplyAdds: (long)input.Count * units
    )
{
    /// <summary>1 or −1.</summary>
    internal int Sign => isNegated ? -1 : 1;
}

/// <summary>
/// The input's gradient: dx[n,k] = ±2 Σ_o dy[n,o] (x[n,k] − w[o,k]); or 4 Σ_o dy[n,o] (x[n,k] − w[o,k])², which
/// propagates the diagonal of second derivatives (Gauss–Newton).
/// </summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C, <c>centres</c> O×H×W×C, <c>outputGradient</c> N×1×1×O and <c>inputGradient</c>
/// N×H×W×C.
/// </remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="units">O, 1 or more.</param>
/// <param name="isNegated">Whether the sign is −, so that the nearest centre has the greatest output.</param>
/// <param name="isSquared">Whether derivatives are squared.</param>
/// <exception cref="ShapeException">The number of units is below 1, or there are too many elements.</exception>
public sealed class RadialBasisBackwardData(Shape input, int units, bool isNegated = false, bool isSquared = false)
    : Operation(
        "backward-data",
        (isSquared ? 16L : 4L) * units,
        [
            Operand.Read("input", input),
            Operand.Read("centres", input.WithBatchSize(units)),
            Operand.Read("outputGradient", Shape.Vector(input.BatchSize, units)),
            Operand.Overwritten("inputGradient", input),
        ],
        multiplyAdds: (long)input.Count * units
    )
{
    /// <summary>Whether derivatives are squared.</summary>
    public bool IsSquared => isSquared;

    /// <summary>What the sum is multiplied by: 2 or −2, or 4 of squares.</summary>
    internal int Factor =>
        isSquared ? 4
        : isNegated ? -2
        : 2;
}

/// <summary>
/// Adds the centres' gradient: dw[o,k] += ±2 Σ_n dy[n,o] (w[o,k] − x[n,k]); or 4 Σ_n dy[n,o] (w[o,k] − x[n,k])², the
/// diagonal of second derivatives (Gauss–Newton).
/// </summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C, <c>centres</c> O×H×W×C, <c>outputGradient</c> N×1×1×O and <c>centreGradient</c>
/// O×H×W×C.
/// </remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="units">O, 1 or more.</param>
/// <param name="isNegated">Whether the sign is −, so that the nearest centre has the greatest output.</param>
/// <param name="isSquared">Whether derivatives are squared.</param>
/// <exception cref="ShapeException">The number of units is below 1, or there are too many elements.</exception>
public sealed class RadialBasisBackwardCentres(Shape input, int units, bool isNegated = false, bool isSquared = false)
    : Operation(
        "backward-weights",
        (isSquared ? 16L : 4L) * input.BatchSize + 1,
        [
            Operand.Read("input", input),
            Operand.Read("centres", input.WithBatchSize(units)),
            Operand.Read("outputGradient", Shape.Vector(input.BatchSize, units)),
            Operand.Accumulated("centreGradient", input.WithBatchSize(units)),
        ],
        multiplyAdds: (long)input.Count * units
    )
{
    /// <summary>Whether derivatives are squared.</summary>
    public bool IsSquared => isSquared;

    /// <summary>What the sum is multiplied by: 2 or −2, or 4 of squares.</summary>
    internal int Factor =>
        isSquared ? 4
        : isNegated ? -2
        : 2;
}

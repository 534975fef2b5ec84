using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// y = γ_c (x − m) / √(v + ε) + β_c with the mean m and the biased variance v of each example over the positions and the
/// channels of c's group. Group g of G has channels gC/G to (g + 1)C/G − 1; one group is layer normalisation.
/// </summary>
/// <remarks>
/// Y. Wu, K. He, "Group normalization", 2018; J. Ba, J. Kiros, G. Hinton, "Layer normalization", 2016. A NaN or an
/// infinity spoils its group of its example.
/// </remarks>
/// <param name="groups">How many groups, 1 or more; they divide the channels.</param>
/// <param name="epsilon">ε, above 0.</param>
/// <param name="shape">N×H×W×C of input and output; γ and β are 1×1×1×C.</param>
/// <param name="isTraining">Whether m and 1/√(v + ε), N×1×1×G, are written for the backward pass.</param>
/// <exception cref="ArgumentOutOfRangeException">A constant is outside that.</exception>
/// <exception cref="ShapeException">The groups do not divide the channels.</exception>
public sealed class GroupNormForward(int groups, float epsilon, Shape shape, bool isTraining)
    : Operation(
        "forward",
        shape.ElementsPerExample / NormalizationChecks.Groups(groups, shape) + 16L,
        [
            Operand.Read("input", shape),
            Operand.Read("gamma", Shape.Vector(1, shape.Channels)),
            Operand.Read("beta", Shape.Vector(1, shape.Channels)),
            Operand.Overwritten("output", shape, mayBe: "input"),
            Operand.Overwritten("mean", Shape.Vector(shape.BatchSize, groups), isTraining),
            Operand.Overwritten("inverseDeviation", Shape.Vector(shape.BatchSize, groups), isTraining),
        ]
    )
{
    /// <summary>How many groups.</summary>
    public int Groups => groups;

    /// <summary>ε.</summary>
    public float Epsilon { get; } = NormalizationChecks.Epsilon(epsilon);
}

/// <summary>
/// With x̂ = (x − m) i, m and i = 1/√(v + ε) being forward's, n values in a group and h = γ_c dy: dγ_c += Σ dy x̂; dβ_c +=
/// Σ dy, both over all examples; dx = i (h − Σ h / n − x̂ Σ h x̂ / n), the sums over the group.
/// </summary>
/// <param name="groups">How many groups, 1 or more; they divide the channels.</param>
/// <param name="shape">N×H×W×C of the input, its gradient and the output's.</param>
/// <param name="wantsInputGradient">Whether dx is computed.</param>
/// <exception cref="ArgumentOutOfRangeException">There are fewer groups.</exception>
/// <exception cref="ShapeException">The groups do not divide the channels.</exception>
public sealed class GroupNormBackward(int groups, Shape shape, bool wantsInputGradient = true)
    : Operation(
        "backward-data",
        shape.ElementsPerExample / NormalizationChecks.Groups(groups, shape) + 16L,
        [
            Operand.Read("input", shape),
            Operand.Read("gamma", Shape.Vector(1, shape.Channels)),
            Operand.Read("mean", Shape.Vector(shape.BatchSize, groups)),
            Operand.Read("inverseDeviation", Shape.Vector(shape.BatchSize, groups)),
            Operand.Read("outputGradient", shape),
            Operand.Overwritten("inputGradient", shape, wantsInputGradient, mayBe: "outputGradient"),
            Operand.Accumulated("gammaGradient", Shape.Vector(1, shape.Channels)) with
            {
                SumLength = shape.PixelCount,
            },
            Operand.Accumulated("betaGradient", Shape.Vector(1, shape.Channels)) with
            {
                SumLength = shape.PixelCount,
            },
        ]
    )
{
    /// <summary>How many groups.</summary>
    public int Groups => groups;
}

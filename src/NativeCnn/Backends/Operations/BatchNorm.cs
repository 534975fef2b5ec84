using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// y = f(γ_c (x − m_c) / √(v_c + ε) + β_c) with the mean m_c and the biased variance v_c of channel c over batch and
/// positions. The running averages become r ← r + momentum (s − r), s being m_c and the unbiased variance n/(n − 1) v_c
/// of the n values of a channel.
/// </summary>
/// <remarks>
/// S. Ioffe, C. Szegedy, "Batch normalization", 2015; running averages as PyTorch's. A NaN or an infinity spoils its
/// channel.
/// </remarks>
/// <param name="epsilon">ε, above 0.</param>
/// <param name="momentum">The part of the running averages that a batch replaces, 0 to 1.</param>
/// <param name="shape">N×H×W×C of input and output; everything else is 1×1×1×C. N·H·W is 2 or more.</param>
/// <param name="activation">f; identity by default.</param>
/// <exception cref="ArgumentOutOfRangeException">A constant is outside that.</exception>
/// <exception cref="ShapeException">A channel has a single value.</exception>
public sealed class BatchNormForward(float epsilon, float momentum, Shape shape, Activation activation = default)
    : Operation(
        "forward",
        NormalizationChecks.Batch(shape).PixelCount + 16L + activation.SumLength,
        [
            Operand.Read("input", shape),
            Operand.Read("gamma", Shape.Vector(1, shape.Channels)),
            Operand.Read("beta", Shape.Vector(1, shape.Channels)),
            Operand.Updated("runningMean", Shape.Vector(1, shape.Channels)),
            Operand.Updated("runningVariance", Shape.Vector(1, shape.Channels)),
            Operand.Overwritten("output", shape, mayBe: "input"),
            Operand.Overwritten("mean", Shape.Vector(1, shape.Channels)),
            Operand.Overwritten("inverseDeviation", Shape.Vector(1, shape.Channels)),
        ]
    )
{
    /// <summary>ε.</summary>
    public float Epsilon { get; } = NormalizationChecks.Epsilon(epsilon);

    /// <summary>The part of the running averages that a batch replaces.</summary>
    public float Momentum { get; } = NormalizationChecks.Momentum(momentum);

    /// <summary>f.</summary>
    public Activation Activation { get; } = activation.Checked(nameof(activation));
}

/// <summary>y = f(γ_c (x − m_c) / √(v_c + ε) + β_c) with the running mean m and the running variance v.</summary>
/// <param name="epsilon">ε, above 0.</param>
/// <param name="shape">N×H×W×C of input and output; everything else is 1×1×1×C.</param>
/// <param name="activation">f; identity by default.</param>
/// <exception cref="ArgumentOutOfRangeException">ε, or a constant of f, is outside that.</exception>
public sealed class BatchNormInference(float epsilon, Shape shape, Activation activation = default)
    : Operation(
        "forward",
        16 + activation.SumLength,
        [
            Operand.Read("input", shape),
            Operand.Read("gamma", Shape.Vector(1, shape.Channels)),
            Operand.Read("beta", Shape.Vector(1, shape.Channels)),
            Operand.Read("runningMean", Shape.Vector(1, shape.Channels)),
            Operand.Read("runningVariance", Shape.Vector(1, shape.Channels)),
            Operand.Overwritten("output", shape, mayBe: "input"),
        ]
    )
{
    /// <summary>ε.</summary>
    public float Epsilon { get; } = NormalizationChecks.Epsilon(epsilon);

    /// <summary>f.</summary>
    public Activation Activation { get; } = activation.Checked(nameof(activation));
}

/// <summary>
/// With x̂ = (x − m_c) i_c, m and i = 1/√(v + ε) being forward's, and n values in a channel: dγ_c += Σ dy x̂; dβ_c += Σ
/// dy; dx = γ_c i_c (dy − Σ dy / n − x̂ Σ dy x̂ / n).
/// </summary>
/// <param name="shape">N×H×W×C of the input, its gradient and the output's; all else is 1×1×1×C.</param>
/// <param name="wantsInputGradient">Whether dx is computed.</param>
public sealed class BatchNormBackward(Shape shape, bool wantsInputGradient = true)
    : Operation(
        "backward-data",
        shape.PixelCount + 16L,
        [
            Operand.Read("input", shape),
            Operand.Read("gamma", Shape.Vector(1, shape.Channels)),
            Operand.Read("mean", Shape.Vector(1, shape.Channels)),
            Operand.Read("inverseDeviation", Shape.Vector(1, shape.Channels)),
            Operand.Read("outputGradient", shape),
            Operand.Overwritten("inputGradient", shape, wantsInputGradient, mayBe: "outputGradient"),
            Operand.Accumulated("gammaGradient", Shape.Vector(1, shape.Channels)),
            Operand.Accumulated("betaGradient", Shape.Vector(1, shape.Channels)),
        ]
    );

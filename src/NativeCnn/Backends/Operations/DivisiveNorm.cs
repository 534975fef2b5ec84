using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// y_i = v_i / max(c, s) with s = √(Σ_j K ∗ v_j²) at each pixel, the deviation over a Gaussian window and all maps, and c
/// the mean of s over the image, or a constant. Where both are 0, so is y.
/// </summary>
/// <remarks>
/// K. Jarrett, K. Kavukcuoglu, M. Ranzato, Y. LeCun, "What is the best multi-stage architecture for object
/// recognition?", 2009.
/// </remarks>
/// <param name="window">K.</param>
/// <param name="constant">c, above 0; or 0 for the mean of s over each image.</param>
/// <param name="shape">N×H×W×C of input and output.</param>
/// <param name="isTraining">Whether s, N×H×W×1, is written for the backward pass.</param>
/// <exception cref="ArgumentOutOfRangeException">c is outside that.</exception>
public sealed class DivisiveNormForward(GaussianWindow window, float constant, Shape shape, bool isTraining)
    : Operation(
        "forward",
        (long)window.Size * window.Size * shape.Channels + 16,
        [
            Operand.Read("input", shape),
            Operand.Overwritten("output", shape, mayBe: "input"),
            Operand.Overwritten("deviation", NormalizationChecks.OneMap(shape), isTraining),
        ]
    )
{
    /// <summary>K.</summary>
    public GaussianWindow Window => window;

    /// <summary>c, or 0 for the mean of s.</summary>
    public float Constant { get; } = NormalizationChecks.Constant(constant);
}

/// <summary>
/// With d = max(c, s) and g = Σ_j dy_j v_j: dv_i = dy_i / d + v_i Kᵀ ∗ (ds / s), ds being −g / d² where s ≥ c, and where it
/// is not, what goes to c, whose gradient all pixels share evenly if c is the mean of s. Of d = 0 and of s = 0 the
/// gradient is 0.
/// </summary>
/// <param name="window">K.</param>
/// <param name="constant">c, above 0; or 0 for the mean of s over each image.</param>
/// <param name="shape">N×H×W×C of the input, its gradient and the output's; that of s is N×H×W×1.</param>
/// <exception cref="ArgumentOutOfRangeException">c is outside that.</exception>
public sealed class DivisiveNormBackward(GaussianWindow window, float constant, Shape shape)
    : Operation(
        "backward-data",
        (long)window.Size * window.Size * shape.Channels + 16,
        [
            Operand.Read("input", shape),
            Operand.Read("deviation", NormalizationChecks.OneMap(shape)),
            Operand.Read("outputGradient", shape),
            Operand.Overwritten("inputGradient", shape, mayBe: "outputGradient"),
        ]
    )
{
    /// <summary>K.</summary>
    public GaussianWindow Window => window;

    /// <summary>c, or 0 for the mean of s.</summary>
    public float Constant { get; } = NormalizationChecks.Constant(constant);
}

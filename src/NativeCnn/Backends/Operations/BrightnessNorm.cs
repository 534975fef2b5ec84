using System.Runtime.CompilerServices;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>The constants of brightness normalisation: b = κ + λ Σ_j x_j² over all maps, y_i = x_i b^−μ.</summary>
public readonly record struct BrightnessNormOptions
{
    /// <summary>The constants.</summary>
    /// <param name="kappa">κ, above 0.</param>
    /// <param name="lambda">λ, 0 or more; nothing divides it.</param>
    /// <param name="mu">μ.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant is outside that.</exception>
    public BrightnessNormOptions(float kappa, float lambda, float mu)
    {
        Kappa = kappa > 0 && float.IsFinite(kappa) ? kappa : throw Fault(kappa, "κ is finite and above 0");
        Lambda = lambda >= 0 && float.IsFinite(lambda) ? lambda : throw Fault(lambda, "λ is finite and not below 0");
        Mu = float.IsFinite(mu) ? mu : throw Fault(mu, "μ is finite");
    }

    /// <summary>κ.</summary>
    public float Kappa { get; }

    /// <summary>λ.</summary>
    public float Lambda { get; }

    /// <summary>μ.</summary>
    public float Mu { get; }

    private static ArgumentOutOfRangeException Fault(
        float value,
        string rule,
        [CallerArgumentExpression(nameof(value))] string name = ""
    ) => new(name, $"Brightness normalisation: {rule}; got {value}.");
}

/// <summary>y_i = x_i b^−μ with b = κ + λ Σ_j x_j² over all maps of a pixel.</summary>
/// <param name="options">The constants.</param>
/// <param name="shape">N×H×W×C of input and output.</param>
/// <param name="isTraining">Whether b, N×H×W×1, is written for the backward pass.</param>
public sealed class BrightnessNormForward(BrightnessNormOptions options, Shape shape, bool isTraining)
    : Operation(
        "forward",
        shape.Channels + 8L,
        [
            Operand.Read("input", shape),
            Operand.Overwritten("output", shape, mayBe: "input"),
            Operand.Overwritten("base", NormalizationChecks.OneMap(shape), isTraining),
        ]
    )
{
    /// <summary>The constants.</summary>
    public BrightnessNormOptions Options => options;
}

/// <summary>dx_i = dy_i b^−μ − 2 λ μ x_i b^(−μ − 1) Σ_j dy_j x_j over all maps of a pixel.</summary>
/// <param name="options">The constants.</param>
/// <param name="shape">N×H×W×C of the input, its gradient and the output's; b is N×H×W×1.</param>
public sealed class BrightnessNormBackward(BrightnessNormOptions options, Shape shape)
    : Operation(
        "backward-data",
        shape.Channels + 8L,
        [
            Operand.Read("input", shape),
            Operand.Read("base", NormalizationChecks.OneMap(shape)),
            Operand.Read("outputGradient", shape),
            Operand.Overwritten("inputGradient", shape, mayBe: "outputGradient"),
        ]
    )
{
    /// <summary>The constants.</summary>
    public BrightnessNormOptions Options => options;
}

using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool BrightnessNorm = Add(
        "brightness-norm",
        json => new BrightnessNorm(
            json.ReadFloat("kappa", 1, OptionRange.GreaterThan(0)),
            json.ReadFloat("lambda", 1, OptionRange.AtLeast(0)),
            json.ReadFloat("mu", 0.5f)
        )
    );
}

/// <summary>Brightness normalisation: divides each pixel by a power of its brightness over all maps.</summary>
/// <remarks>
/// <para>Formula: y_i = x_i / (κ + λ Σ_j x_j²)^μ, the sum over all maps of the pixel.</para>
/// <para>Gradient: with b = κ + λ Σ_j x_j²: dx_i = dy_i b^−μ − 2 λ μ x_i b^(−μ − 1) Σ_j dy_j x_j.</para>
/// <para>Shapes: any N×H×W×C, kept.</para>
/// <para>Refuses: a κ that is not finite and above 0; a λ that is not finite or below 0; a μ that is not finite.</para>
/// <para>NaN and infinity: a NaN makes all maps of its pixel NaN; an infinity is NaN at its own place, and what is
/// divided by it, the pixel's other maps, is 0 for a positive λ and μ.</para>
/// <para>Source: [001] equation 17.</para>
/// <para>Over a window of maps it is <see cref="LocalResponseNorm"/>, whose α is divided by the window's size; λ is
/// not.</para>
/// </remarks>
/// <param name="kappa">κ, above 0; 1 by default.</param>
/// <param name="lambda">λ, 0 or more; 1 by default.</param>
/// <param name="mu">μ; ½ by default.</param>
/// <exception cref="ArgumentOutOfRangeException">A constant is outside that.</exception>
public sealed class BrightnessNorm(float kappa = 1, float lambda = 1, float mu = 0.5f) : DividingNorm
{
    /// <summary>The constants.</summary>
    public BrightnessNormOptions Options { get; } = new(kappa, lambda, mu);

    /// <inheritdoc/>
    public override string Kind => "brightness-norm";

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber("kappa", Options.Kappa);
        json.WriteNumber("lambda", Options.Lambda);
        json.WriteNumber("mu", Options.Mu);
    }

    private protected override Operation DeclareForward(Shape shape, bool isTraining) =>
        new BrightnessNormForward(Options, shape, isTraining);

    private protected override Operation DeclareBackward(Shape shape) => new BrightnessNormBackward(Options, shape);
}

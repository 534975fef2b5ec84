using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool DivisiveNorm = Add(
        "divisive-norm",
        json => new DivisiveNorm(
            json.ReadInt(
                "size",
                range: new OptionRange
                {
                    Minimum = 1,
                    Maximum = GaussianWindow.LargestSize,
                    IsOdd = true,
                }
            ),
            json.ReadFloat("sigma", range: OptionRange.GreaterThan(0)),
            json.ReadFloat("constant", 0, OptionRange.AtLeast(0))
        )
    );
}

/// <summary>
/// Divisive contrast normalisation: divides by the deviation over a Gaussian window and all maps, but by no less than
/// its mean over the image. It usually stands after <see cref="SubtractiveNorm"/>, whose window it has.
/// </summary>
/// <remarks>
/// <para>Formula: y_i = v_i / max(c, s), s = √(Σ_j K ∗ v_j²), and c the mean of s over the image, or a constant.</para>
/// <para>Gradient: with d = max(c, s) and g = Σ_j dy_j v_j: dv_i = dy_i / d + v_i Kᵀ ∗ (ds / s); ds is −g / d² where s
/// ≥ c, and elsewhere goes to c, whose gradient all pixels of the image share if c is the mean of s; exact. Where s = 0
/// its gradient counts as 0.</para>
/// <para>Shapes: any N×H×W×C, kept.</para>
/// <para>Refuses: a window that is not odd and 1 to 127; a σ that is not finite and above 0; a constant that is not
/// finite or below 0.</para>
/// <para>NaN and infinity: a NaN makes all maps NaN wherever a window holds it and, by the mean, its whole image; an
/// infinity is NaN at its own place, and what is divided by it is 0: in its windows, and by the mean in its whole
/// image. An image of zeros stays zeros.</para>
/// <para>Source: K. Jarrett, K. Kavukcuoglu, M. Ranzato, Y. LeCun, "What is the best multi-stage architecture for
/// object recognition?", 2009, which [001] cites.</para>
/// </remarks>
/// <param name="size">Rows and columns of the window, odd, 1 to <see cref="GaussianWindow.LargestSize"/>.</param>
/// <param name="sigma">σ in pixels, above 0.</param>
/// <param name="constant">c, above 0; or 0, the default, for the mean of s over each image.</param>
/// <exception cref="ArgumentOutOfRangeException">A constant is outside that.</exception>
public sealed class DivisiveNorm(int size, float sigma, float constant = 0) : DividingNorm
{
    /// <summary>The window.</summary>
    public GaussianWindow Window { get; } = new(size, sigma);

    /// <summary>c, or 0 for the mean of s over each image.</summary>
    public float Constant { get; } = NormalizationChecks.Constant(constant);

    /// <inheritdoc/>
    public override string Kind => "divisive-norm";

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber("size", Window.Size);
        json.WriteNumber("sigma", Window.Sigma);
        json.WriteNumber("constant", Constant);
    }

    private protected override Operation DeclareForward(Shape shape, bool isTraining) =>
        new DivisiveNormForward(Window, Constant, shape, isTraining);

    private protected override Operation DeclareBackward(Shape shape) =>
        new DivisiveNormBackward(Window, Constant, shape);
}

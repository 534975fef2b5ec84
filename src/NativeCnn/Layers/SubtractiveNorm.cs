using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool SubtractiveNorm = Add(
        "subtractive-norm",
        json => new SubtractiveNorm(
            json.ReadInt(
                "size",
                range: new OptionRange
                {
                    Minimum = 1,
                    Maximum = GaussianWindow.LargestSize,
                    IsOdd = true,
                }
            ),
            json.ReadFloat("sigma", range: OptionRange.GreaterThan(0))
        )
    );
}

/// <summary>Subtractive contrast normalisation: takes away the mean over a Gaussian window and all maps.</summary>
/// <remarks>
/// <para>Formula: v_i = x_i − Σ_j K ∗ x_j; the weights exp(−(r² + s²) / 2σ²) sum to 1 over the window and all maps; at
/// a border those that fall outside are dropped, and the rest sum to 1.</para>
/// <para>Gradient: dx_i = dv_i − Kᵀ ∗ Σ_j dv_j.</para>
/// <para>Shapes: any N×H×W×C, kept.</para>
/// <para>Refuses: a window that is not odd and 1 to 127; a σ that is not finite and above 0.</para>
/// <para>NaN and infinity: a NaN makes all maps NaN wherever a window holds it; an infinity is NaN at its own place and
/// infinite with the other sign elsewhere.</para>
/// <para>Source: [001] equations 15 and 16, which lacks the sign and the norm; K. Jarrett, K. Kavukcuoglu, M. Ranzato,
/// Y. LeCun, "What is the best multi-stage architecture for object recognition?", 2009, with a 9×9 window.</para>
/// <para>The window is a product of a row and a column: at 9×9 it costs 18 products per pixel, whatever the number of
/// maps.</para>
/// </remarks>
/// <param name="size">Rows and columns of the window, odd, 1 to <see cref="GaussianWindow.LargestSize"/>.</param>
/// <param name="sigma">σ in pixels, above 0.</param>
/// <exception cref="ArgumentOutOfRangeException">A constant is outside that.</exception>
public sealed class SubtractiveNorm(int size, float sigma) : Layer
{
    /// <summary>The window.</summary>
    public GaussianWindow Window { get; } = new(size, sigma);

    /// <inheritdoc/>
    public override string Kind => "subtractive-norm";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => First(inputs);

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(new SubtractiveNormForward(Window, context.Input.Shape), context.Input, context.Output);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                new SubtractiveNormBackward(Window, context.Input.Shape),
                context.OutputGradient,
                inputGradient
            );
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber("size", Window.Size);
        json.WriteNumber("sigma", Window.Sigma);
    }
}

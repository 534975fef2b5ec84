using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool SpatialDropout = Add(
        "spatial-dropout",
        json => new SpatialDropout(json.ReadFloat("probability"))
    );
}

/// <summary>
/// Dropout of whole maps: in training each map of each example is dropped with a probability and otherwise scaled up;
/// at inference nothing is done. Of vectors it is <see cref="Dropout"/>.
/// </summary>
/// <remarks>
/// <para>Formula: y[n,·,·,c] = 0 with probability p, else x[n,·,·,c] / (1 − p).</para>
/// <para>Gradient: dx = 0 where the map was dropped, else dy / (1 − p).</para>
/// <para>Shapes: any N×H×W×C, kept.</para>
/// <para>Refuses: a probability below 0, of 1 or more, or NaN.</para>
/// <para>NaN and infinity: what is dropped is 0, a NaN or an infinity too; what is kept keeps them.</para>
/// <para>Source: J. Tompson, R. Goroshin, A. Jain, Y. LeCun, C. Bregler, "Efficient object localization using
/// convolutional networks", 2015.</para>
/// <para>The mask is not stored: it is recomputed in the backward pass from the layer's key and the step's
/// number.</para>
/// </remarks>
public sealed class SpatialDropout : Layer
{
    /// <summary>Dropout of whole maps.</summary>
    /// <param name="probability">The probability p of dropping a map, 0 ≤ p &lt; 1; ½ by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">p is outside that.</exception>
    public SpatialDropout(float probability = 0.5f)
    {
        if (probability is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(
                nameof(probability),
                $"SpatialDropout's probability is 0 ≤ p < 1; got {probability}."
            );
        Probability = probability;
    }

    /// <summary>The probability of dropping a map.</summary>
    public float Probability { get; }

    /// <inheritdoc/>
    public override string Kind => "spatial-dropout";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => First(inputs);

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Phase == Phase.Training)
            context.Call(Mask(context, isBackward: false), context.Step, context.Input, context.Output);
        else
            context.Output = context.Input;
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is { } inputGradient)
            context.Call(Mask(context, isBackward: true), context.Step, context.OutputGradient, inputGradient);
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber("probability", Probability);
    }

    private Backends.Operations.SpatialDropout Mask(LayerContext context, bool isBackward) =>
        new(new DropoutOptions(context.Key, Probability), context.Input.Shape, isBackward);
}

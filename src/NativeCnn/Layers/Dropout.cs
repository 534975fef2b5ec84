using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool Dropout = Add("dropout", json => new Dropout(json.ReadFloat("probability")));
}

/// <summary>
/// Dropout: in training each value is dropped with a probability and otherwise scaled up; at inference nothing is done.
/// </summary>
/// <remarks>
/// <para>Formula: y = 0 with probability p, else x / (1 − p).</para>
/// <para>Gradient: dx = 0 where x was dropped, else dy / (1 − p).</para>
/// <para>Shapes: any N×H×W×C, kept.</para>
/// <para>Refuses: a probability below 0, of 1 or more, or NaN.</para>
/// <para>NaN and infinity: what is dropped is 0, a NaN or an infinity too; what is kept keeps them.</para>
/// <para>Source: N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple way to
/// prevent neural networks from overfitting", 2014, in the inverted form; [002].</para>
/// <para>The mask is not stored: it is recomputed in the backward pass from the layer's key and the step's
/// number.</para>
/// </remarks>
public sealed class Dropout : Layer
{
    /// <summary>Dropout.</summary>
    /// <param name="probability">The probability p of dropping a value, 0 ≤ p &lt; 1; ½ by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">p is outside that.</exception>
    public Dropout(float probability = 0.5f)
    {
        if (probability is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(
                nameof(probability),
                $"Dropout's probability is 0 ≤ p < 1; got {probability}."
            );
        Probability = probability;
    }

    /// <summary>The probability of dropping a value.</summary>
    public float Probability { get; }

    /// <inheritdoc/>
    public override string Kind => "dropout";

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

    private Backends.Operations.Dropout Mask(LayerContext context, bool isBackward) =>
        new(new DropoutOptions(context.Key, Probability), context.Input.Shape, isBackward);
}

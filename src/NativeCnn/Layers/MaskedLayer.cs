using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>What <see cref="Dropout"/> and <see cref="SpatialDropout"/> share: they differ in what is dropped.</summary>
/// <remarks>
/// The mask is not stored: it is recomputed in the backward pass from the layer's key and the step's number.
/// </remarks>
public abstract class MaskedLayer : Layer
{
    private protected MaskedLayer(float probability)
    {
        if (probability is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(
                nameof(probability),
                $"{GetType().Name}'s probability is 0 ≤ p < 1; got {probability}."
            );
        Probability = probability;
    }

    /// <summary>The probability of being dropped.</summary>
    public float Probability { get; }

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

    private protected abstract Operation Mask(DropoutOptions options, Shape shape, bool isBackward);

    private Operation Mask(LayerContext context, bool isBackward) =>
        Mask(new DropoutOptions(context.Key, Probability), context.Input.Shape, isBackward);
}

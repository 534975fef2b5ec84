using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>
/// Dropout: in training each value is dropped with probability p and otherwise scaled by 1/(1 − p); at inference nothing is
/// done (Srivastava et al. 2014, in the inverted form). Any shape.
/// </summary>
/// <remarks>The mask is not stored: it is recomputed in the backward pass from the layer's key and the step's number.</remarks>
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
    public override bool IsView(Phase phase) => phase == Phase.Inference;

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(LayerContext context) =>
        context.Backend.DropoutApply(Mask(context), context.Input, context.Output);

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        if (context.InputGradient is { } inputGradient)
            context.Backend.DropoutApply(Mask(context), context.OutputGradient, inputGradient);
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json) => json.WriteNumber("probability", Probability);

    // An odd multiplier far from the generator's own keeps the streams of successive steps apart.
    private DropoutMask Mask(LayerContext context) =>
        new(context.Key + (ulong)context.Step * 0xD1342543DE82EF95UL, Probability);
}

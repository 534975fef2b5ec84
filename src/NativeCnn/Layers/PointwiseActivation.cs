using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>A point-wise non-linearity y = f(x); see <see cref="ActivationKind"/> for the formulas. Any shape.</summary>
/// <remarks>The compiler fuses it into a convolution or dense layer before it that nothing else reads.</remarks>
public sealed class PointwiseActivation(Activation activation) : Layer
{
    /// <summary>f.</summary>
    public Activation Activation { get; } = activation;

    private ActivationTraits Traits =>
        ActivationTraits.Find(Activation.Kind)
        ?? throw new ArgumentException($"There is no activation {Activation.Kind}.");

    /// <inheritdoc/>
    public override string Kind => Traits.Name;

    /// <inheritdoc/>
    public override Activation? AsActivation => Activation;

    /// <inheritdoc/>
    public override BackwardReads BackwardReads => BackwardReads.Output;

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(LayerContext context) =>
        context.Backend.ActivationForward(Activation, context.Input, context.Output);

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        if (context.InputGradient is { } inputGradient)
            context.Backend.ActivationBackward(Activation, context.Output, context.OutputGradient, inputGradient);
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        if (Traits.Alpha != ConstantRule.Unused)
            json.WriteNumber("alpha", Activation.Alpha);
        if (Traits.Beta != ConstantRule.Unused)
            json.WriteNumber("beta", Activation.Beta);
    }
}

using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>
/// p_c = exp(z_c) / Σ_d exp(z_d) over all values of an example. Any shape, kept. Networks trained with softmax
/// cross-entropy do not need it: that loss takes the logits.
/// </summary>
public sealed class Softmax : Layer
{
    /// <inheritdoc/>
    public override string Kind => "softmax";

    /// <inheritdoc/>
    public override BackwardReads BackwardReads => BackwardReads.Output;

    /// <inheritdoc/>
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(LayerContext context) => context.Backend.SoftmaxForward(context.Input, context.Output);

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        if (context.InputGradient is { } inputGradient)
            context.Backend.SoftmaxBackward(context.Output, context.OutputGradient, inputGradient);
    }
}

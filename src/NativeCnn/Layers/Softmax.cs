using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool Softmax = Add("softmax", _ => new Softmax());
}

/// <summary>
/// p_c = exp(z_c) / Σ_d exp(z_d) over all values of an example. Any shape, kept. Networks trained with softmax
/// cross-entropy do not need it: that loss takes the logits.
/// </summary>
public sealed class Softmax : Layer
{
    /// <inheritdoc/>
    public override string Kind => "softmax";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => First(inputs);

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(new SoftmaxForward(context.Input.Shape), context.Input, context.Output);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                new SoftmaxBackward(context.Input.Shape),
                context.Output,
                context.OutputGradient,
                inputGradient
            );
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool Softmax = Add("softmax", _ => new Softmax());
}

/// <summary>
/// Softmax over all values of an example: positive shares that sum to 1. Networks trained with softmax cross-entropy do
/// not need it: that loss takes the logits.
/// </summary>
/// <remarks>
/// <para>Formula: p_c = exp(z_c) / Σ_d exp(z_d), computed of z_c − max z, so that nothing overflows.</para>
/// <para>Gradient: dz_c = p_c (dp_c − Σ_d p_d dp_d).</para>
/// <para>Shapes: any N×H×W×C, kept; one softmax for the H·W·C values of each example.</para>
/// <para>Refuses: nothing.</para>
/// <para>NaN and infinity: a NaN or +∞ makes its whole example NaN; −∞ becomes 0, unless all values are −∞, which is
/// NaN.</para>
/// <para>Source: J. Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990;
/// [001].</para>
/// </remarks>
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

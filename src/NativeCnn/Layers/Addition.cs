using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>y = a + b, two inputs of one shape: the join of a residual connection (He et al. 2016).</summary>
public sealed class Addition : Layer
{
    /// <inheritdoc/>
    public override string Kind => "addition";

    /// <inheritdoc/>
    public override int InputCount => 2;

    /// <inheritdoc/>
    public override Shape Infer(ReadOnlySpan<Shape> inputs) =>
        inputs[0] == inputs[1]
            ? inputs[0]
            : throw new ShapeException($"only equal shapes can be added; got {inputs[0]} and {inputs[1]}.");

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        context.Inputs[0].CopyTo(context.Output);
        context.Backend.Accumulate(context.Inputs[1], context.Output);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        foreach (Tensor? gradient in context.InputGradients)
        {
            if (gradient is not null)
                context.OutputGradient.CopyTo(gradient);
        }
    }
}

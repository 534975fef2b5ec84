using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool Addition = Add("addition", _ => new Addition());
}

/// <summary>The sum of two inputs of one shape: the join of a residual connection.</summary>
/// <remarks>
/// <para>Formula: y = a + b.</para>
/// <para>Gradient: da = dy, db = dy; nothing is computed, both are the same memory.</para>
/// <para>Shapes: two inputs of any N×H×W×C, the same; so is the output.</para>
/// <para>Refuses: inputs of different shapes; another number of inputs than two.</para>
/// <para>NaN and infinity: both stay where they are; +∞ and −∞ add up to NaN.</para>
/// <para>Source: K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", 2016; [002].</para>
/// </remarks>
public sealed class Addition : Layer
{
    /// <inheritdoc/>
    public override string Kind => "addition";

    /// <inheritdoc/>
    public override int? InputCount => 2;

    /// <inheritdoc/>
    public override bool CanFuseActivation => true;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        inputs.Length != 2 ? throw new ShapeException($"two inputs are added; got {inputs.Length}.")
        : inputs[0] == inputs[1] ? inputs[0]
        : throw new ShapeException($"only equal shapes can be added; got {inputs[0]} and {inputs[1]}.");

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(
            new Backends.Operations.Addition(context.Input.Shape, activation: context.Activation),
            context.Inputs[0],
            context.Inputs[1],
            context.Output
        );
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Symbol gradient = context.BackwardActivationAndBias(null);
        context.PassGradient(0, gradient);
        context.PassGradient(1, gradient);
    }

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backward(context);
    }
}

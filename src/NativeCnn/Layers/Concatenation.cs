using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool Concatenation = Add("concatenation", _ => new Concatenation());
}

/// <summary>Joins inputs along the channels, one behind the other.</summary>
/// <remarks>
/// <para>Formula: y[n,i,j,·] = (x₁[n,i,j,·], …, xₖ[n,i,j,·]).</para>
/// <para>Gradient: each dx is its channels of dy.</para>
/// <para>Shapes: inputs N×H×W×C₁ … N×H×W×Cₖ, output N×H×W×(C₁ + … + Cₖ).</para>
/// <para>Refuses: inputs of another batch size, height or width; no input.</para>
/// <para>NaN and infinity: both stay as they are.</para>
/// <para>Source: C. Szegedy et al., "Going deeper with convolutions", 2015.</para>
/// </remarks>
public sealed class Concatenation : Layer
{
    /// <inheritdoc/>
    public override string Kind => "concatenation";

    /// <summary>Any number from 1.</summary>
    public override int? InputCount => null;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape first = First(inputs);
        int channels = 0;
        foreach (Shape input in inputs)
        {
            if (new Shape(input.BatchSize, input.Height, input.Width, first.Channels) != first)
                throw new ShapeException($"inputs are joined along the channels; got {first} and {input}.");
            channels = checked(channels + input.Channels);
        }
        return new Shape(first.BatchSize, first.Height, first.Width, channels);
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(new ConcatenationForward(Shapes(context)), [.. context.Inputs, context.Output]);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Symbol?[] gradients = [.. Enumerable.Range(0, context.Inputs.Count).Select(context.InputGradient)];
        bool[] wanted = [.. gradients.Select(gradient => gradient is not null)];
        if (wanted.Contains(true))
            context.Call(new ConcatenationBackward(Shapes(context), wanted), [context.OutputGradient, .. gradients]);
    }

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backward(context);
    }

    private static Shape[] Shapes(LayerContext context) => [.. context.Inputs.Select(input => input.Shape)];
}

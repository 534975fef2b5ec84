using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool Skipping = Add(
        "skipping",
        json => new Skipping(json.ReadSize("step", range: OptionRange.AtLeast(1)))
    );
}

/// <summary>Skipping: every s-th row and column, without a window.</summary>
/// <remarks>
/// <para>Formula: y[n,i,j,c] = x[n, i·s, j·s, c]; of a matrix of pixels Y the projection S·Y·Sᵀ.</para>
/// <para>Gradient: dx[n, i·s, j·s, c] = dy[n,i,j,c], and 0 at the pixels between.</para>
/// <para>Shapes: input N×H×W×C, output N×⌈H/s⌉×⌈W/s⌉×C.</para>
/// <para>Refuses: steps below 1.</para>
/// <para>NaN and infinity: kept where their pixel is kept, gone with it elsewhere.</para>
/// <para>Source: [001]; [004] footnote 10.</para>
/// </remarks>
/// <param name="step">Rows and columns from one that is kept to the next, 1 or more.</param>
public sealed class Skipping(Size2 step) : Layer
{
    /// <summary>Rows and columns from one that is kept to the next.</summary>
    public Size2 Step => step;

    /// <inheritdoc/>
    public override string Kind => "skipping";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => SkippingForward.OutputOf(First(inputs), step);

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(new SkippingForward(context.Input.Shape, step), context.Input, context.Output);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is { } inputGradient)
            context.Call(new SkippingBackward(context.Input.Shape, step), context.OutputGradient, inputGradient);
    }

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backward(context);
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteSize("step", step);
    }
}

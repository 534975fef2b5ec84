using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool Flatten = Add("flatten", _ => new Flatten());
}

/// <summary>Reads feature maps as a vector: the same memory, so that it costs nothing.</summary>
/// <remarks>
/// <para>Formula: y[n, 0, 0, (i·W + j)·C + c] = x[n,i,j,c].</para>
/// <para>Gradient: dx is dy, read as N×H×W×C.</para>
/// <para>Shapes: input N×H×W×C, output N×1×1×(H·W·C).</para>
/// <para>Refuses: nothing.</para>
/// <para>NaN and infinity: both stay as they are.</para>
/// <para>Source: [001], whose last layer reads maps.</para>
/// </remarks>
public sealed class Flatten : Layer
{
    /// <inheritdoc/>
    public override string Kind => "flatten";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        Shape.Vector(First(inputs).BatchSize, First(inputs).ElementsPerExample);

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Output = context.Input.View(InferShape([context.Input.Shape]));
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.PassGradient(0, context.OutputGradient);
    }

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backward(context);
    }
}

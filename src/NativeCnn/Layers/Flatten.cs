using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>Reads N×H×W×C as N×1×1×(H·W·C): the same memory, so it costs nothing.</summary>
public sealed class Flatten : Layer
{
    /// <inheritdoc/>
    public override string Kind => "flatten";

    /// <inheritdoc/>
    public override bool IsView(Phase phase) => true;

    /// <inheritdoc/>
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Shape.Vector(inputs[0].Batch, inputs[0].ExampleCount);

    /// <inheritdoc/>
    public override void Forward(LayerContext context) { }

    /// <inheritdoc/>
    public override void Backward(LayerContext context) { }
}

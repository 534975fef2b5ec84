using System.Text.Json;
using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Verification;

/// <summary>
/// y = x + δ with δ = 0, before the layers of a network: δ's gradient is that of the loss with respect to the input,
/// which training does not compute. Input and output N×H×W×C, for one N.
/// </summary>
/// <param name="batchSize">N.</param>
internal sealed class InputShift(int batchSize) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "input-shift";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => First(inputs);

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs) =>
        Parameters = [new Parameter("shift", First(inputs).WithBatchSize(batchSize), Initializer.Zero)];

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        var sum = new Backends.Operations.Addition(context.Input.Shape);
        context.Call(sum, context.Input, context.Parameter(0), context.Output);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        Symbol gradient = context.ParameterGradient(0);
        context.Call(new Backends.Operations.Addition(context.Input.Shape), gradient, context.OutputGradient, gradient);
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json) => throw new NotSupportedException("It is in no file.");
}

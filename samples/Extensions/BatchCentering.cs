// A layer with a parameter that is trained, state that its forward pass updates in training, and an option that files
// keep.
using System.Text.Json;
using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace Extensions;

/// <summary>
/// Takes each channel's mean over the batch off and scales the channel: y = s_c (x − m_c). At inference m_c is the
/// running mean of the batches' means. Any shape, kept. Salimans and Kingma, "Weight normalization", NIPS 2016,
/// section 4.
/// </summary>
/// <remarks>Every place of a batch counts: use a batch size that divides the number of training examples.</remarks>
/// <param name="rate">How much of a batch's mean goes into the running mean, 0 to 1.</param>
public sealed class BatchCentering(float rate = 0.1f) : Layer
{
    public override string Kind => "batch-centering";

    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];

    public override void Build(ReadOnlySpan<Shape> inputs)
    {
        Shape channels = Shape.Vector(1, inputs[0].Channels);
        Parameters =
        [
            new Parameter("scale", channels, Initializer.Constant(1)),
            new Parameter("mean", channels, Initializer.Zero) { Role = ParameterRole.State },
        ];
    }

    public override void Forward(LayerContext context)
    {
        Symbol? mean = null;
        if (context.Phase == Phase.Training)
            context.SavedForBackward = [mean = context.NewSymbol("batch mean", context.Parameter(1).Shape)];
        context.Call(
            new BatchCenteringForward(context.Input.Shape, rate, isTraining: mean is not null),
            context.Input,
            context.Parameter(0),
            context.Parameter(1),
            mean,
            context.Output
        );
    }

    public override void Backward(LayerContext context)
    {
        Symbol? inputGradient = context.InputGradient();
        context.Call(
            new BatchCenteringBackward(context.Input.Shape, inputGradient is not null),
            context.Input,
            context.Parameter(0),
            context.SavedForBackward[0],
            context.OutputGradient,
            inputGradient,
            context.ParameterGradient(0)
        );
    }

    public override void WriteOptions(Utf8JsonWriter json) => json.WriteNumber("rate", rate);

    /// <summary>The layer that <see cref="WriteOptions"/> described.</summary>
    public static BatchCentering Read(LayerOptions options) => new(options.ReadFloat("rate"));
}

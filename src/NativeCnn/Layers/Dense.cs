using System.Text.Json;
using NativeCnn.Initializers;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>
/// Fully connected: y[n,o] = Σ_k w[o,k] x[n,k] + b[o]. Input N×H×W×C, read as N vectors of H·W·C values; output N×1×1×O;
/// weights O×H×W×C.
/// </summary>
public sealed class Dense : Layer
{
    /// <summary>A fully connected layer with <paramref name="units"/> outputs.</summary>
    public Dense(int units) => Units = units;

    /// <summary>Outputs O.</summary>
    public int Units { get; }

    /// <summary>Whether one bias per output is added; so by default.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>What fills the weights: He's normal distribution by default. Biases start at 0.</summary>
    public Initializer Initializer { get; init; } = Initializer.HeNormal;

    /// <inheritdoc/>
    public override string Kind => "dense";

    /// <inheritdoc/>
    public override BackwardReads BackwardReads => BackwardReads.Input;

    /// <inheritdoc/>
    public override bool CanFuseActivation => true;

    /// <inheritdoc/>
    public override bool CanUpdate(Parameter parameter) => parameter == Parameters[0];

    /// <inheritdoc/>
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Shape.Vector(inputs[0].Batch, Units);

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs)
    {
        Shape input = inputs[0];
        int fanIn = input.ExampleCount;
        var weight = new Parameter("weight", input.WithBatch(Units), Initializer, fanIn, Units);
        Parameters = Bias
            ? [weight, new Parameter("bias", Shape.Vector(1, Units), Initializer.Zero, fanIn, Units)]
            : [weight];
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(ReadOnlySpan<Shape> inputs) => (long)inputs[0].Count * Units;

    /// <inheritdoc/>
    public override void Forward(LayerContext context) =>
        context.Backend.DenseForward(
            context.Input,
            context.Parameters[0],
            Bias ? context.Parameters[1] : null,
            context.Activation,
            context.Output
        );

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        context.BackwardActivationAndBias(Bias ? context.ParameterGradients[1] : null);
        // The input's gradient comes first: it needs the weights before their update.
        if (context.InputGradient is { } inputGradient)
            context.Backend.DenseBackwardData(context.OutputGradient, context.Parameters[0], inputGradient);
        if (context.ParameterUpdates[0] is { } update)
        {
            context.Backend.DenseUpdateWeights(
                context.Input,
                context.OutputGradient,
                update.Step,
                update.Velocity,
                context.Parameters[0]
            );
        }
        else
        {
            context.Backend.DenseBackwardWeights(context.Input, context.OutputGradient, context.ParameterGradients[0]);
        }
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        json.WriteNumber("units", Units);
        json.WriteBoolean("bias", Bias);
    }
}

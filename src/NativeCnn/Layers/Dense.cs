using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool Dense = Add(
        "dense",
        json => new Dense(json.ReadInt("units", range: OptionRange.AtLeast(1)))
        {
            Bias = json.ReadBool("bias", true),
            Initializer = json.ReadInitializer(Initializer.HeNormal),
        }
    );
}

/// <summary>
/// A fully connected layer: each output is a weighted sum of all values of the example, feature maps or a vector, plus
/// a bias.
/// </summary>
/// <remarks>
/// <para>Formula: y[n,o] = b[o] + Σ_k w[o,k] x[n,k], k over the H·W·C values of an example.</para>
/// <para>Gradient: dx[n,k] = Σ_o w[o,k] dy[n,o]; dw[o,k] = Σ_n dy[n,o] x[n,k]; db[o] = Σ_n dy[n,o].</para>
/// <para>Shapes: input N×H×W×C, output N×1×1×O; weights O×H×W×C.</para>
/// <para>Refuses: fewer than 1 unit; weights that would pass 2³¹ − 1 elements.</para>
/// <para>NaN and infinity: both reach every output of their example; an infinity times a weight of 0 is NaN.</para>
/// <para>Source: [001], w_{i,j,r,s} from feature maps directly; [003] part 1; [004] section 2.</para>
/// </remarks>
public sealed class Dense : Layer
{
    /// <summary>A fully connected layer.</summary>
    /// <param name="units">Outputs O, 1 or more.</param>
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
    public override bool CanFuseActivation => true;

    internal override BatchNormFolding? DeclareFolding(float epsilon) =>
        new BatchNormFolding(epsilon, Parameters[0].Shape, Bias);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        Units >= 1
            ? Shape.Vector(First(inputs).BatchSize, Units)
            : throw new ShapeException($"A dense layer has 1 unit or more; got {Units}.");

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs)
    {
        Shape input = First(inputs);
        int fanIn = input.ElementsPerExample;
        var weight = new Parameter("weight", input.WithBatchSize(Units), Initializer, fanIn, Units);
        Parameters = Bias
            ? [weight, new Parameter("bias", Shape.Vector(1, Units), Initializer.Zero, fanIn, Units) { IsBias = true }]
            : [weight];
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        (Symbol weights, Symbol? bias) = context.Fold(context.Parameter(0), Bias ? context.Parameter(1) : null);
        context.Call(
            new DenseForward(context.Input.Shape, weights.Shape, context.Activation, bias is not null),
            context.Input,
            weights,
            bias,
            context.Output
        );
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        (Shape input, Shape weights) = (context.Input.Shape, Parameters[0].Shape);
        Symbol gradient = context.BackwardActivationAndBias(Bias ? context.ParameterGradient(1) : null);
        // The input's gradient comes first: it needs the weights before their update.
        if (context.InputGradient() is { } inputGradient)
            context.Call(new DenseBackwardData(input, weights), gradient, context.Parameter(0), inputGradient);
        if (!context.TryUpdate(0, update => new DenseUpdate(update, input), context.Input, gradient))
            context.Call(
                new DenseBackwardWeights(input, weights),
                context.Input,
                gradient,
                context.ParameterGradient(0)
            );
    }

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        (Shape input, Shape weights) = (context.Input.Shape, Parameters[0].Shape);
        Symbol derivatives = context.BackwardActivationAndBias(Bias ? context.ParameterGradient(1) : null);
        if (context.InputGradient() is { } inputDerivatives)
            context.Call(
                new DenseBackwardData(input, weights),
                derivatives,
                context.Squared(context.Parameter(0)),
                inputDerivatives
            );
        context.Call(
            new DenseBackwardWeights(input, weights),
            context.Squared(context.Input),
            derivatives,
            context.ParameterGradient(0)
        );
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber("units", Units);
        json.WriteBoolean("bias", Bias);
        json.WriteInitializer(Initializer, Initializer.HeNormal);
    }
}

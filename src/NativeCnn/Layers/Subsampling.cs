using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool Subsampling = Add(
        "subsampling",
        json => new Subsampling(json.ReadSize("block", range: OptionRange.AtLeast(1)))
        {
            Initializer = json.ReadOptionalInitializer(),
        }
    );
}

/// <summary>
/// Trainable subsampling: the sum of each block of pixels, with a coefficient and a bias for each map. Its
/// non-linearity is the layer after it.
/// </summary>
/// <remarks>
/// <para>Formula: y[n,i,j,c] = β_c s[n,i,j,c] + b_c, s the sum over the distinct n×m block of pixels (i, j).</para>
/// <para>Gradient: dx = β_c dy over the block; dβ_c = Σ s dy, db_c = Σ dy over batch and positions.</para>
/// <para>Shapes: input N×H×W×C, output N×(H/n)×(W/m)×C; coefficient and bias 1×1×1×C.</para>
/// <para>Refuses: a block below 1×1, or one that does not tile the image.</para>
/// <para>NaN and infinity: both reach their block; infinities of both signs in one block are NaN, and so is an infinity
/// times a coefficient of 0.</para>
/// <para>Source: x_j = f(β_j down(x_j) + b_j) of J. Bouvrie, "Notes on convolutional neural networks", 2006 ([004]),
/// section 3.2; the subsampling of LeNet-5.</para>
/// </remarks>
/// <param name="block">Rows and columns of a block, which divide those of the image.</param>
public sealed class Subsampling(Size2 block) : Layer
{
    /// <summary>Rows and columns of a block.</summary>
    public Size2 Block => block;

    /// <summary>
    /// What fills β; 1/(nm) if null, the default, with which the layer begins as average pooling. b starts at 0.
    /// </summary>
    public Initializer? Initializer { get; init; }

    /// <inheritdoc/>
    public override string Kind => "subsampling";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => SubsamplingForward.OutputOf(First(inputs), block);

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs)
    {
        Shape maps = Shape.Vector(1, First(inputs).Channels);
        int pixels = block.Height * block.Width;
        float mean = 1f / pixels;
        Parameters =
        [
            new Parameter("coefficient", maps, Initializer ?? Initializer.Constant(mean), pixels),
            new Parameter("bias", maps, Initializer.Zero, pixels) { IsBias = true },
        ];
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        bool isTraining = context.Phase == Phase.Training;
        context.SavedForBackward = isTraining ? [context.NewSymbol("block sums", context.Output.Shape)] : [];
        context.Call(
            new SubsamplingForward(context.Input.Shape, block, isTraining),
            context.Input,
            context.Parameter(0),
            context.Parameter(1),
            context.Output,
            isTraining ? context.SavedForBackward[0] : null
        );
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context) => Backward(context, isSquared: false);

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context) => Backward(context, isSquared: true);

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteSize("block", block);
        json.WriteInitializer(Initializer, null);
    }

    private void Backward(LayerContext context, bool isSquared)
    {
        ArgumentNullException.ThrowIfNull(context);
        Shape output = context.Output.Shape;
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                new SubsamplingBackwardData(context.Input.Shape, block, isSquared),
                context.OutputGradient,
                context.Parameter(0),
                inputGradient
            );
        context.Call(
            new SubsamplingBackwardCoefficients(output, isSquared),
            context.SavedForBackward[0],
            context.OutputGradient,
            context.ParameterGradient(0)
        );
        context.Call(new BiasBackward(output), context.OutputGradient, context.ParameterGradient(1));
    }
}

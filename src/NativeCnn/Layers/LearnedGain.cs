using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool LearnedGain = Add("learned-gain", _ => new LearnedGain());
}

/// <summary>
/// A gain behind a non-linearity, learned for each map. A fixed gain is <see cref="Activation.Gain"/>.
/// </summary>
/// <remarks>
/// <para>Formula: y = g_c x, g_c 1 at first.</para>
/// <para>Gradient: dx = g_c dy; dg_c = Σ x dy over batch and positions.</para>
/// <para>Shapes: any N×H×W×C, kept; gain 1×1×1×C.</para>
/// <para>Refuses: nothing.</para>
/// <para>NaN and infinity: NaN stays NaN; an infinity stays one, with the gain's sign, and is NaN for a gain of
/// 0.</para>
/// <para>Source: [001] equation 13.</para>
/// </remarks>
public sealed class LearnedGain : Layer
{
    /// <inheritdoc/>
    public override string Kind => "learned-gain";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => First(inputs);

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs) =>
        Parameters = [new Parameter("gain", Shape.Vector(1, First(inputs).Channels), Initializer.Constant(1))];

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(
            new ChannelScaleForward(context.Input.Shape, isShared: false, keepsPositive: false),
            context.Input,
            context.Parameter(0),
            context.Output
        );
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backward(context, context.Input, context.Parameter(0));
    }

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backward(context, context.Squared(context.Input), context.Squared(context.Parameter(0)));
    }

    private static void Backward(LayerContext context, Symbol input, Symbol gain)
    {
        Symbol? inputGradient = context.InputGradient();
        context.Call(
            new ChannelScaleBackward(
                context.Input.Shape,
                isShared: false,
                keepsPositive: false,
                inputGradient is not null
            ),
            input,
            gain,
            context.OutputGradient,
            inputGradient,
            context.ParameterGradient(0)
        );
    }
}

using NativeCnn.Backends;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool AveragePooling = Add(
        "average-pooling",
        json => new AveragePooling(
            json.ReadSize("window", range: OptionRange.AtLeast(1)),
            json.ReadOptionalSize("stride", OptionRange.AtLeast(1))
        )
        {
            Padding = json.ReadPadding("padding", Padding.Valid),
            CountPadding = json.ReadBool("count_padding", false),
            CeilMode = json.ReadBool("ceil_mode", false),
        }
    );
}

/// <summary>
/// Average pooling: the mean of each window, per channel. Input N×H×W×C, output N×H'×W'×C. The gradient is spread
/// evenly.
/// </summary>
public sealed class AveragePooling(Size2 window, Size2? stride = null) : AveragingPooling(window, stride)
{
    /// <inheritdoc/>
    public override string Kind => "average-pooling";

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(new AveragePoolingForward(Geometry(context.Input.Shape)), context.Input, context.Output);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                new AveragePoolingBackward(Geometry(context.Input.Shape)),
                context.OutputGradient,
                inputGradient
            );
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Windows have divisors of their own, as at a border.</exception>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        PoolingGeometry geometry = Geometry(context.Input.Shape);
        bool hasOneDivisor = (CountPadding || Padding == Padding.Valid) && !CeilMode;
        if (!hasOneDivisor)
            base.BackwardSecondDerivatives(context);
        else if (context.InputGradient() is { } inputDerivatives)
            SpreadSquared(context, geometry, inputDerivatives);
    }

    /// <summary>h_x = Σ h_y / divisor², where all windows have one divisor.</summary>
    internal static void SpreadSquared(LayerContext context, PoolingGeometry geometry, Symbol inputDerivatives)
    {
        Symbol divided = context.NewSymbol("second derivatives by divisor", geometry.Output);
        Activation gain = Activation.Gain(1f / (geometry.WindowHeight * geometry.WindowWidth));
        context.Call(new ActivationForward(gain, geometry.Output), context.OutputGradient, divided);
        context.Call(new AveragePoolingBackward(geometry), divided, inputDerivatives);
    }
}

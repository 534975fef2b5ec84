using NativeCnn.Backends;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool L2Pooling = Add(
        "l2-pooling",
        json => new L2Pooling(
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
/// L2 pooling: the square root of the mean square of each window, per channel, y = √(Σ x² / divisor). Input N×H×W×C,
/// output N×H'×W'×C. The gradient is dx = x Σ dy / (y · divisor) over the windows that hold the pixel, and 0 from a
/// window of zeros. NaN and infinity propagate.
/// </summary>
public sealed class L2Pooling(Size2 window, Size2? stride = null) : AveragingPooling(window, stride)
{
    /// <inheritdoc/>
    public override string Kind => "l2-pooling";

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(new L2PoolingForward(Geometry(context.Input.Shape)), context.Input, context.Output);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                new L2PoolingBackward(Geometry(context.Input.Shape)),
                context.Input,
                context.Output,
                context.OutputGradient,
                inputGradient
            );
    }
}

using NativeCnn.Backends;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool MaxPooling = Add(
        "max-pooling",
        json => new MaxPooling(
            json.ReadSize("window", range: OptionRange.AtLeast(1)),
            json.ReadOptionalSize("stride", OptionRange.AtLeast(1))
        )
        {
            Padding = json.ReadPadding("padding", Padding.Valid),
            CeilMode = json.ReadBool("ceil_mode", false),
        }
    );
}

/// <summary>
/// Max pooling: the largest value of each window, per channel. Input N×H×W×C, output N×H'×W'×C. The place of the
/// maximum is kept, and the gradient goes there alone; the first maximum in scan order wins. Padding never wins. A NaN
/// is never swallowed: it counts as larger than every number. −∞ is a number like any other.
/// </summary>
public sealed class MaxPooling(Size2 window, Size2? stride = null) : Pooling(window, stride)
{
    /// <inheritdoc/>
    public override string Kind => "max-pooling";

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        PoolingGeometry geometry = Geometry(context.Input.Shape);
        bool isTraining = context.Phase == Phase.Training;
        context.SavedForBackward = isTraining ? [context.NewSymbol("argmax", geometry.Output, geometry.IndexType)] : [];
        context.Call(
            new MaxPoolingForward(geometry, isTraining),
            context.Input,
            context.Output,
            isTraining ? context.SavedForBackward[0] : null
        );
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                new MaxPoolingBackward(Geometry(context.Input.Shape)),
                context.OutputGradient,
                context.SavedForBackward[0],
                inputGradient
            );
    }

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backward(context);
    }
}

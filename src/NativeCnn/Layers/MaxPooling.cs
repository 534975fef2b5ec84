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

/// <summary>Max pooling: the largest value of each window, for each channel. Windows may overlap.</summary>
/// <remarks>
/// <para>Formula: y[n,i,j,c] = max x[n, i·s + r − p_top, j·s + q − p_left, c] over the places (r, q) of the window that
/// are on the image.</para>
/// <para>Gradient: dy goes to the place of the maximum alone, which the forward pass keeps; the first in scan order
/// wins where several are equal.</para>
/// <para>Shapes: input N×H×W×C, output N×H'×W'×C with H' = ⌊(H + p_top + p_bottom − K)/s⌋ + 1, or ⌈…⌉ + 1 with <see
/// cref="Pooling.CeilMode"/>.</para>
/// <para>Refuses: a window or stride below 1; a window of more than 65,536 places; a padding below 0, or not below the
/// window; a window that is larger than the padded input.</para>
/// <para>NaN and infinity: a NaN is never swallowed: it counts as larger than every number, +∞ too. Infinities are
/// numbers like others; padding never wins, against −∞ neither.</para>
/// <para>Source: [003] section 7.2; Y.-L. Boureau, J. Ponce, Y. LeCun, "A theoretical analysis of feature pooling in
/// visual recognition", 2010.</para>
/// </remarks>
/// <param name="window">Height and width of the window, 1 or more.</param>
/// <param name="stride">Pixels between windows; the window's size by default, so that windows tile the image.</param>
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

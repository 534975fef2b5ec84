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
/// L2 pooling: the square root of the mean square of each window, for each channel. Windows may overlap.
/// </summary>
/// <remarks>
/// <para>Formula: y[n,i,j,c] = √(Σ x[n, i·s + r − p_top, j·s + q − p_left, c]² / divisor) over the places (r, q) of the
/// window that are on the image; the divisor is that of <see cref="AveragePooling"/>.</para>
/// <para>Gradient: dx = x Σ dy / (y · divisor) over the windows that hold the pixel, and 0 from a window of
/// zeros.</para>
/// <para>Shapes: input N×H×W×C, output N×H'×W'×C with H' = ⌊(H + p_top + p_bottom − K)/s⌋ + 1, or ⌈…⌉ + 1 with <see
/// cref="Pooling.CeilMode"/>.</para>
/// <para>Refuses: a window or stride below 1; a window of more than 65,536 places; a padding below 0, or not below the
/// window; a window that is larger than the padded input.</para>
/// <para>NaN and infinity: a NaN reaches every window that holds it; an infinity of either sign makes them +∞.</para>
/// <para>Source: P. Sermanet, S. Chintala, Y. LeCun, "Convolutional neural networks applied to house numbers digit
/// classification", 2012.</para>
/// </remarks>
/// <param name="window">Height and width of the window, 1 or more.</param>
/// <param name="stride">Pixels between windows; the window's size by default, so that windows tile the image.</param>
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

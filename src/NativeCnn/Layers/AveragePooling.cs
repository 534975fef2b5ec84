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

/// <summary>Average pooling: the mean of each window, for each channel. Windows may overlap.</summary>
/// <remarks>
/// <para>Formula: y[n,i,j,c] = Σ x[n, i·s + r − p_top, j·s + q − p_left, c] / divisor over the places (r, q) of the
/// window that are on the image; the divisor is their number, or that of all places on image and padding with <see
/// cref="AveragingPooling.CountPadding"/>.</para>
/// <para>Gradient: dx = Σ dy / divisor over the windows that hold the pixel.</para>
/// <para>Shapes: input N×H×W×C, output N×H'×W'×C with H' = ⌊(H + p_top + p_bottom − K)/s⌋ + 1, or ⌈…⌉ + 1 with <see
/// cref="Pooling.CeilMode"/>.</para>
/// <para>Refuses: a window or stride below 1; a window of more than 65,536 places; a padding below 0, or not below the
/// window; a window that is larger than the padded input.</para>
/// <para>NaN and infinity: both reach every window that holds them; infinities of both signs in one window are
/// NaN.</para>
/// <para>Source: [003] part 7; Y. LeCun et al., "Handwritten digit recognition with a back-propagation network",
/// 1990.</para>
/// </remarks>
/// <param name="window">Height and width of the window, 1 or more.</param>
/// <param name="stride">Pixels between windows; the window's size by default, so that windows tile the image.</param>
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

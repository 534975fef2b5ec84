using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool AdaptivePoolings =
        Add(
            "adaptive-average-pooling",
            json => new AdaptiveAveragePooling(json.ReadSize("output", range: OptionRange.AtLeast(1)))
        )
        && Add(
            "adaptive-max-pooling",
            json => new AdaptiveMaxPooling(json.ReadSize("output", range: OptionRange.AtLeast(1)))
        );
}

/// <summary>
/// What adaptive average and max pooling share: the output's size is given, and the windows follow from it. Window i of
/// H' has the rows ⌊i·H/H'⌋ to ⌈(i + 1)·H/H'⌉ − 1, and so across, as in PyTorch.
/// </summary>
public abstract class AdaptivePooling : Layer
{
    /// <summary>A pooling with outputs of this size.</summary>
    /// <param name="output">Height and width of the output, larger than the input's too.</param>
    protected AdaptivePooling(Size2 output) => OutputSize = output;

    /// <summary>Height and width of the output.</summary>
    public Size2 OutputSize { get; }

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => AdaptiveWindow.OutputOf(First(inputs), OutputSize);

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteSize("output", OutputSize);
    }

    // Windows that tile the image are those of a plain pooling, which is faster; null where they do not.
    private protected PoolingGeometry? Tiling(Shape input)
    {
        (int height, int down) = Math.DivRem(input.Height, OutputSize.Height);
        (int width, int across) = Math.DivRem(input.Width, OutputSize.Width);
        return down == 0 && across == 0 && (long)height * width <= PoolingGeometry.LargestWindow
            ? new PoolingGeometry(input, new Size2(height, width))
            : null;
    }
}

/// <summary>
/// Adaptive average pooling: the mean of each of so many windows, for each channel; to 1×1 it is global average
/// pooling.
/// </summary>
/// <remarks>
/// <para>Formula: y[n,i,j,c] is the mean of x[n,r,q,c] over the rows ⌊i·H/H'⌋ to ⌈(i + 1)·H/H'⌉ − 1, and so
/// across.</para>
/// <para>Gradient: dx = Σ dy / places over the windows that hold the pixel.</para>
/// <para>Shapes: input N×H×W×C, output N×H'×W'×C as given, larger than the input too.</para>
/// <para>Refuses: an output below 1×1.</para>
/// <para>NaN and infinity: both reach every window that holds them; infinities of both signs in one window are
/// NaN.</para>
/// <para>Source: PyTorch's AdaptiveAvgPool2d; M. Lin, Q. Chen, S. Yan, "Network in network", 2014 (global average
/// pooling).</para>
/// </remarks>
/// <param name="output">Height and width of the output, 1 or more.</param>
public sealed class AdaptiveAveragePooling(Size2 output) : AdaptivePooling(output)
{
    /// <inheritdoc/>
    public override string Kind => "adaptive-average-pooling";

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Operation operation = Tiling(context.Input.Shape) is { } geometry
            ? new AveragePoolingForward(geometry)
            : new AdaptiveAveragePoolingForward(context.Input.Shape, OutputSize);
        context.Call(operation, context.Input, context.Output);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is not { } inputGradient)
            return;
        Operation operation = Tiling(context.Input.Shape) is { } geometry
            ? new AveragePoolingBackward(geometry)
            : new AdaptiveAveragePoolingBackward(context.Input.Shape, OutputSize);
        context.Call(operation, context.OutputGradient, inputGradient);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The windows do not tile the image.</exception>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Tiling(context.Input.Shape) is not { } geometry)
            base.BackwardSecondDerivatives(context);
        else if (context.InputGradient() is { } inputDerivatives)
            AveragePooling.SpreadSquared(context, geometry, inputDerivatives);
    }
}

/// <summary>
/// Adaptive max pooling: the largest value of each of so many windows, for each channel; to 1×1 it is global max
/// pooling.
/// </summary>
/// <remarks>
/// <para>Formula: y[n,i,j,c] is the maximum of x[n,r,q,c] over the rows ⌊i·H/H'⌋ to ⌈(i + 1)·H/H'⌉ − 1, and so
/// across.</para>
/// <para>Gradient: dy goes to the place of the maximum alone; the first in scan order wins where several are
/// equal.</para>
/// <para>Shapes: input N×H×W×C, output N×H'×W'×C as given, larger than the input too.</para>
/// <para>Refuses: an output below 1×1.</para>
/// <para>NaN and infinity: a NaN is never swallowed: it counts as larger than every number, +∞ too. Infinities are
/// numbers like others.</para>
/// <para>Source: PyTorch's AdaptiveMaxPool2d.</para>
/// </remarks>
/// <param name="output">Height and width of the output, 1 or more.</param>
public sealed class AdaptiveMaxPooling(Size2 output) : AdaptivePooling(output)
{
    /// <inheritdoc/>
    public override string Kind => "adaptive-max-pooling";

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        bool isTraining = context.Phase == Phase.Training;
        PoolingGeometry? tiling = Tiling(context.Input.Shape);
        context.SavedForBackward = isTraining
            ? [context.NewSymbol("argmax", context.Output.Shape, tiling?.IndexType ?? ElementType.Int32)]
            : [];
        Operation operation = tiling is { } geometry
            ? new MaxPoolingForward(geometry, isTraining)
            : new AdaptiveMaxPoolingForward(context.Input.Shape, OutputSize, isTraining);
        context.Call(operation, context.Input, context.Output, isTraining ? context.SavedForBackward[0] : null);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is not { } inputGradient)
            return;
        Operation operation = Tiling(context.Input.Shape) is { } geometry
            ? new MaxPoolingBackward(geometry)
            : new AdaptiveMaxPoolingBackward(context.Input.Shape, OutputSize);
        context.Call(operation, context.OutputGradient, context.SavedForBackward[0], inputGradient);
    }

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backward(context);
    }
}

using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>What max and average pooling share: a window, its stride and its padding.</summary>
public abstract class Pooling : Layer
{
    /// <summary>A pooling with windows of this size.</summary>
    /// <param name="window">Height and width of the window.</param>
    /// <param name="stride">Pixels between windows; the window's size by default, so that windows tile the image.</param>
    protected Pooling(Size2 window, Size2? stride)
    {
        Window = window;
        Stride = stride ?? window;
    }

    /// <summary>Height and width of the window.</summary>
    public Size2 Window { get; }

    /// <summary>Pixels between windows.</summary>
    public Size2 Stride { get; }

    /// <summary>Pixels around the image, fewer than the window is large; none by default.</summary>
    public Padding Padding { get; init; } = Padding.Valid;

    /// <summary>Whether padding counts in the divisor of a mean.</summary>
    protected virtual bool PaddingCounts => false;

    /// <inheritdoc/>
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Geometry(inputs[0]).Output;

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        json.WriteSize("window", Window);
        json.WriteSize("stride", Stride);
        json.WritePadding("padding", Padding);
    }

    private protected PoolingGeometry Geometry(Shape input) => new(input, Window, Stride, Padding, PaddingCounts);
}

/// <summary>
/// Max pooling: the largest value of each window, per channel. Input N×H×W×C, output N×H'×W'×C. The place of the maximum is
/// kept, and the gradient goes there alone; the first maximum in scan order wins.
/// </summary>
public sealed class MaxPooling(Size2 window, Size2? stride = null) : Pooling(window, stride)
{
    /// <inheritdoc/>
    public override string Kind => "max-pooling";

    /// <inheritdoc/>
    public override IReadOnlyList<(Shape Shape, ElementType Type)> Saved(ReadOnlySpan<Shape> inputs, ElementType type)
    {
        PoolingGeometry geometry = Geometry(inputs[0]);
        return [(geometry.Output, geometry.IndexType)];
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context) =>
        context.Backend.MaxPoolingForward(
            Geometry(context.Input.Shape),
            context.Input,
            context.Output,
            context.Phase == Phase.Training ? context.Saved[0] : null
        );

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        if (context.InputGradient is { } inputGradient)
        {
            context.Backend.MaxPoolingBackward(
                Geometry(inputGradient.Shape),
                context.OutputGradient,
                context.Saved[0],
                inputGradient
            );
        }
    }
}

/// <summary>
/// Average pooling: the mean of each window, per channel. Input N×H×W×C, output N×H'×W'×C. The gradient is spread evenly.
/// </summary>
public sealed class AveragePooling(Size2 window, Size2? stride = null) : Pooling(window, stride)
{
    /// <summary>Whether the divisor is the window's full area (true) or what lies inside the image (false, the default).</summary>
    public bool CountPadding { get; init; }

    /// <inheritdoc/>
    public override string Kind => "average-pooling";

    /// <inheritdoc/>
    protected override bool PaddingCounts => CountPadding;

    /// <inheritdoc/>
    public override void Forward(LayerContext context) =>
        context.Backend.AveragePoolingForward(Geometry(context.Input.Shape), context.Input, context.Output);

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        if (context.InputGradient is { } inputGradient)
        {
            context.Backend.AveragePoolingBackward(
                Geometry(inputGradient.Shape),
                context.OutputGradient,
                inputGradient
            );
        }
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        base.WriteOptions(json);
        json.WriteBoolean("count_padding", CountPadding);
    }
}

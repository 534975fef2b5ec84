using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool BorderPaddings =
        Add("zero-padding", json => BorderPadding.Read(BorderKind.Zeros, json))
        && Add("reflection-padding", json => BorderPadding.Read(BorderKind.Reflection, json))
        && Add("replication-padding", json => BorderPadding.Read(BorderKind.Replication, json));
}

/// <summary>
/// A border around each image: zeros, the image mirrored at its edge, which is not repeated, or the edge repeated.
/// Input N×H×W×C, output N×(p_top + H + p_bottom)×(p_left + W + p_right)×C. The gradient of a pixel is the sum over the
/// places that hold it. A convolution with such a border is this layer and a convolution without padding.
/// </summary>
/// <param name="border">What lies around the image.</param>
/// <param name="padding">
/// The border's rows and columns, 0 or more; reflection takes fewer than the image has.
/// </param>
public sealed class BorderPadding(BorderKind border, Padding padding) : Layer
{
    /// <summary>What lies around the image.</summary>
    public BorderKind Border { get; } =
        Enum.IsDefined(border)
            ? border
            : throw new ArgumentOutOfRangeException(nameof(border), border, "There is no such border.");

    /// <summary>The border's rows and columns.</summary>
    public Padding Padding => padding;

    /// <inheritdoc/>
    public override string Kind =>
        Border switch
        {
            BorderKind.Zeros => "zero-padding",
            BorderKind.Reflection => "reflection-padding",
            _ => "replication-padding",
        };

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        BorderPaddingForward.OutputOf(Border, First(inputs), padding);

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(new BorderPaddingForward(Border, context.Input.Shape, padding), context.Input, context.Output);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                new BorderPaddingBackward(Border, context.Input.Shape, padding),
                context.OutputGradient,
                inputGradient
            );
    }

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backward(context);
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WritePadding("padding", padding);
    }

    internal static BorderPadding Read(BorderKind border, LayerOptions json) =>
        new(border, json.ReadPadding("padding"));
}

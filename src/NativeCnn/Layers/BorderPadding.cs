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
/// A border around each image: zeros, the image mirrored at its edge, which is not repeated, or the edge repeated. A
/// convolution with such a border is this layer and a convolution without padding.
/// </summary>
/// <remarks>
/// <para>Formula: y[n, i, j, c] = x[n, σ(i − p_top), σ(j − p_left), c], σ(k) = k on the image; outside it 0 (zeros), −k
/// or 2(H − 1) − k (reflection), 0 or H − 1 (replication), and so across.</para>
/// <para>Gradient: dx of a pixel is the sum of dy over the places that hold it.</para>
/// <para>Shapes: input N×H×W×C, output N×(p_top + H + p_bottom)×(p_left + W + p_right)×C.</para>
/// <para>Refuses: a kind that is none; a padding below 0; for reflection one that is not below the image's size; an
/// output of more than 2³¹ − 1 pixels a side.</para>
/// <para>NaN and infinity: both are copied to every place that holds their pixel.</para>
/// <para>Source: [003] part 5; [000], whose borders reflect.</para>
/// </remarks>
/// <param name="border">What lies around the image.</param>
/// <param name="padding">The border's rows and columns, 0 or more; reflection takes fewer than the image has.</param>
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

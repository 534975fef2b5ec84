using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool UpSamplings =
        Add("nearest-up-sampling", json => UpSampling.Read(UpSamplingKind.Nearest, json))
        && Add("zero-insertion", json => UpSampling.Read(UpSamplingKind.ZeroInsertion, json))
        && Add("average-unpooling", json => UpSampling.Read(UpSamplingKind.AverageUnpooling, json));
}

/// <summary>
/// Up-sampling: each pixel becomes a block, of its value everywhere (nearest), of its value in the first place and
/// zeros elsewhere (zero insertion), or of its value divided by the block's area everywhere (average un-pooling).
/// </summary>
/// <remarks>
/// <para>Formula: with blocks of n×m, y[i·n + r, j·m + q] = x[i,j]; x[i,j] where r = q = 0, else 0; or x[i,j] /
/// nm.</para>
/// <para>Gradient: dx[i,j] is the sum of its block of dy, its first value, or its mean.</para>
/// <para>Shapes: input N×H×W×C, output N×nH×mW×C.</para>
/// <para>Refuses: a kind that is none; factors below 1; an output of more than 2³¹ − 1 pixels a side.</para>
/// <para>NaN and infinity: both fill what their value does; the zeros between stay 0.</para>
/// <para>Source: [000] (zero insertion, nearest); <c>up</c> of [004].</para>
/// </remarks>
/// <param name="kind">What the block holds.</param>
/// <param name="factor">Rows and columns of a block, 1 or more.</param>
public sealed class UpSampling(UpSamplingKind kind, Size2 factor) : Layer
{
    /// <summary>What the block holds.</summary>
    public UpSamplingKind Block { get; } =
        Enum.IsDefined(kind)
            ? kind
            : throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such up-sampling.");

    /// <summary>Rows and columns of a block.</summary>
    public Size2 Factor => factor;

    /// <inheritdoc/>
    public override string Kind =>
        Block switch
        {
            UpSamplingKind.Nearest => "nearest-up-sampling",
            UpSamplingKind.ZeroInsertion => "zero-insertion",
            _ => "average-unpooling",
        };

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        UpSamplingForward.OutputOf(Block, First(inputs), factor);

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(new UpSamplingForward(Block, context.Input.Shape, factor), context.Input, context.Output);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                new UpSamplingBackward(Block, context.Input.Shape, factor),
                context.OutputGradient,
                inputGradient
            );
    }

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        // Weights of 0 and 1 are their own squares; those of un-pooling are not.
        if (Block == UpSamplingKind.AverageUnpooling)
            base.BackwardSecondDerivatives(context);
        else
            Backward(context);
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteSize("factor", factor);
    }

    internal static UpSampling Read(UpSamplingKind kind, LayerOptions json) =>
        new(kind, json.ReadSize("factor", range: OptionRange.AtLeast(1)));
}

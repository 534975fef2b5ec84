using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool LocalResponseNorm = Add(
        "local-response-norm",
        json => new LocalResponseNorm(
            json.ReadInt("size", range: OptionRange.Between(1, Layers.LocalResponseNorm.LargestSize)),
            json.ReadFloat("alpha", 1e-4f, OptionRange.AtLeast(0)),
            json.ReadFloat("beta", 0.75f),
            json.ReadFloat("k", 1, OptionRange.GreaterThan(0))
        )
    );
}

/// <summary>
/// Local response normalisation across channels: y_c = x_c / (k + α/size · Σ_j x_j²)^β, j over the <c>size</c> channels
/// c − ⌊size/2⌋ to c + ⌊(size − 1)/2⌋, of which those that do not exist count as 0. Any shape, kept.
/// </summary>
/// <remarks>
/// As in PyTorch, and in ONNX for odd sizes, α is divided by the size. The paper's formula does not divide: its α is
/// α/size here. A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural
/// networks", NIPS 2012, section 3.3.
/// </remarks>
/// <param name="size">Channels of the window, 1 to <see cref="LargestSize"/>.</param>
/// <param name="alpha">α, 0 or more; 1e-4 by default.</param>
/// <param name="beta">β; ¾ by default, the fastest.</param>
/// <param name="k">k, above 0; 1 by default.</param>
/// <exception cref="ArgumentOutOfRangeException">A constant is outside that.</exception>
public sealed class LocalResponseNorm(int size, float alpha = 1e-4f, float beta = 0.75f, float k = 1) : Layer
{
    /// <summary>The widest window: every value takes as long as the window is wide, and networks use 3 to 15.</summary>
    public const int LargestSize = 1024;

    /// <summary>The window and the constants.</summary>
    public LocalResponseNormOptions Options { get; } = new(CheckSize(size), alpha, beta, k);

    /// <inheritdoc/>
    public override string Kind => "local-response-norm";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => First(inputs);

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Shape shape = context.Input.Shape;
        bool isTraining = context.Phase == Phase.Training;
        context.SavedForBackward = isTraining ? [context.NewSymbol("scale", shape)] : [];
        context.Call(
            new LocalResponseNormForward(Options, shape, isTraining),
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
                new LocalResponseNormBackward(Options, context.Input.Shape),
                context.Input,
                context.SavedForBackward[0],
                context.OutputGradient,
                inputGradient
            );
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber("size", Options.Size);
        json.WriteNumber("alpha", Options.Alpha);
        json.WriteNumber("beta", Options.Beta);
        json.WriteNumber("k", Options.K);
    }

    private static int CheckSize(int size) =>
        size <= LargestSize
            ? size
            : throw new ArgumentOutOfRangeException(
                nameof(size),
                $"Local response normalisation: the window has at most {LargestSize} channels; got {size}."
            );
}

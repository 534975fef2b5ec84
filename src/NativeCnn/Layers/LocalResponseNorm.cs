using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>
/// Local response normalisation across channels: y_c = x_c / (k + α/size · Σ_j x_j²)^β, j over the <c>size</c> channels
/// c − ⌊size/2⌋ to c + ⌊(size − 1)/2⌋, of which those that do not exist count as 0. Any shape, kept.
/// </summary>
/// <remarks>
/// As in PyTorch, and in ONNX for odd sizes, α is divided by the size. The paper's formula does not divide: its α is
/// α/size here. A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural networks",
/// NIPS 2012, section 3.3.
/// </remarks>
public sealed class LocalResponseNorm : Layer
{
    /// <summary>Local response normalisation.</summary>
    /// <param name="size">Channels of the window, 1 or more.</param>
    /// <param name="alpha">α, 0 or more; 1e-4 by default.</param>
    /// <param name="beta">β; ¾ by default, the fastest.</param>
    /// <param name="k">k, above 0; 1 by default.</param>
    /// <exception cref="ArgumentException">A constant is outside that.</exception>
    public LocalResponseNorm(int size, float alpha = 1e-4f, float beta = 0.75f, float k = 1)
    {
        Window = new LocalResponseWindow(size, alpha, beta, k);
        if (Window.Fault() is { } fault)
            throw new ArgumentException($"Local response normalisation: {fault}");
    }

    /// <summary>The window and the constants.</summary>
    public LocalResponseWindow Window { get; }

    /// <inheritdoc/>
    public override string Kind => "local-response-norm";

    /// <inheritdoc/>
    public override BackwardReads BackwardReads => BackwardReads.Input;

    /// <inheritdoc/>
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override IReadOnlyList<(Shape Shape, ElementType Type)> Saved(
        ReadOnlySpan<Shape> inputs,
        ElementType type
    ) => [(inputs[0], type)];

    /// <inheritdoc/>
    public override void Forward(LayerContext context) =>
        context.Backend.LocalResponseNormForward(
            Window,
            context.Input,
            context.Output,
            context.Phase == Phase.Training ? context.Saved[0] : null
        );

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        if (context.InputGradient is { } inputGradient)
        {
            context.Backend.LocalResponseNormBackward(
                Window,
                context.Input,
                context.Saved[0],
                context.OutputGradient,
                inputGradient
            );
        }
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        json.WriteNumber("size", Window.Size);
        json.WriteNumber("alpha", Window.Alpha);
        json.WriteNumber("beta", Window.Beta);
        json.WriteNumber("k", Window.K);
    }
}

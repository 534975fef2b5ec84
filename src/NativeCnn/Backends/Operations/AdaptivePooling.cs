using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// Adaptive pooling asks for an output size: window i of H' along an axis of H pixels has the pixels ⌊i·H/H'⌋ to
/// ⌈(i + 1)·H/H'⌉ − 1, as in PyTorch. Windows overlap by a pixel where H' does not divide H; one window is the image.
/// </summary>
internal static class AdaptiveWindow
{
    /// <summary>The first pixel of a window.</summary>
    public static int Begin(int window, int size, int windows) => (int)((long)window * size / windows);

    /// <summary>The pixel behind a window.</summary>
    public static int End(int window, int size, int windows) => (int)(((window + 1L) * size + windows - 1) / windows);

    /// <summary>N×H'×W'×C.</summary>
    public static Shape OutputOf(Shape input, Size2 output) =>
        output.Height >= 1 && output.Width >= 1
            ? new Shape(input.BatchSize, output.Height, output.Width, input.Channels)
            : throw new ShapeException($"An adaptive pooling's output is 1×1 or more; got {output} for {input}.");

    /// <summary>The pixels that a window can have.</summary>
    public static long Largest(Shape input, Size2 output) =>
        input.Count == 0 ? 0 : Most(input.Height, output.Height) * Most(input.Width, output.Width);

    /// <summary>The windows that a pixel can lie in.</summary>
    public static long WindowsPerPixel(Shape input, Size2 output) =>
        input.Count == 0 ? 0 : Most(output.Height, input.Height) * Most(output.Width, input.Width);

    private static long Most(int size, int parts) =>
        parts < 1 ? 0
        : size % parts == 0 ? size / parts
        : size / parts + 2L;
}

/// <summary>The mean of each adaptive window: y = Σ x / the window's pixels.</summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C and <c>output</c> N×H'×W'×C. Window i of H' has the rows ⌊i·H/H'⌋ to
/// ⌈(i + 1)·H/H'⌉ − 1, and so across, as in PyTorch.
/// </remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="output">H'×W', of any size; 1×1 is global pooling.</param>
/// <exception cref="ShapeException">The output is empty.</exception>
public sealed class AdaptiveAveragePoolingForward(Shape input, Size2 output)
    : Operation(
        "forward",
        AdaptiveWindow.Largest(input, output),
        [Operand.Read("input", input), Operand.Overwritten("output", AdaptiveWindow.OutputOf(input, output))]
    );

/// <summary>
/// Each output gradient is spread evenly over its window: dx = Σ dy / the window's pixels, over the windows that hold
/// the pixel.
/// </summary>
/// <remarks>Operands: <c>outputGradient</c> N×H'×W'×C and <c>inputGradient</c> N×H×W×C.</remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="output">H'×W'.</param>
/// <exception cref="ShapeException">The output is empty.</exception>
public sealed class AdaptiveAveragePoolingBackward(Shape input, Size2 output)
    : Operation(
        "backward-data",
        AdaptiveWindow.WindowsPerPixel(input, output),
        [
            Operand.Read("outputGradient", AdaptiveWindow.OutputOf(input, output)),
            Operand.Overwritten("inputGradient", input),
        ]
    );

/// <summary>
/// The maximum of each adaptive window and its place row·W + column in the image. The first maximum in scan order wins;
/// a NaN counts as larger than every number, −∞ is a number like any other.
/// </summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C, <c>output</c> and <c>argmax</c> (<see cref="ElementType.Int32"/>) N×H'×W'×C.
/// </remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="output">H'×W', of any size; 1×1 is global pooling.</param>
/// <param name="wantsArgmax">Whether the places are written, for the backward pass.</param>
/// <exception cref="ShapeException">The output is empty.</exception>
public sealed class AdaptiveMaxPoolingForward(Shape input, Size2 output, bool wantsArgmax)
    : Operation(
        "forward",
        0,
        [
            Operand.Read("input", input),
            Operand.Overwritten("output", AdaptiveWindow.OutputOf(input, output)),
            Operand.Overwritten("argmax", AdaptiveWindow.OutputOf(input, output), wantsArgmax) with
            {
                Type = ElementType.Int32,
            },
        ]
    );

/// <summary>
/// Each output gradient goes to the place that won its window, alone: dx = Σ dy over the windows whose place the pixel
/// is.
/// </summary>
/// <remarks>
/// Operands: <c>outputGradient</c> and <c>argmax</c> N×H'×W'×C, as <see cref="AdaptiveMaxPoolingForward"/> wrote it,
/// and <c>inputGradient</c> N×H×W×C. A window whose place lies outside it gives nothing.
/// </remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="output">H'×W'.</param>
/// <exception cref="ShapeException">The output is empty.</exception>
public sealed class AdaptiveMaxPoolingBackward(Shape input, Size2 output)
    : Operation(
        "backward-data",
        AdaptiveWindow.WindowsPerPixel(input, output),
        [
            Operand.Read("outputGradient", AdaptiveWindow.OutputOf(input, output)),
            Operand.Read("argmax", AdaptiveWindow.OutputOf(input, output)) with
            {
                Type = ElementType.Int32,
            },
            Operand.Overwritten("inputGradient", input),
        ]
    );

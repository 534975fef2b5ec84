using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>What lies around an image.</summary>
public enum BorderKind
{
    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>The image mirrored at its edge, which is not repeated: c b | a b c | b a.</summary>
    Reflection,

    /// <summary>The edge repeated: a a | a b c | c c.</summary>
    Replication,
}

/// <summary>
/// An image with a border: y[n, i, j, c] = x[n, i − p_top, j − p_left, c], where that lies outside the image 0, or the
/// pixel that reflection or replication along both axes leads to.
/// </summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C and <c>output</c> N×(p_top + H + p_bottom)×(p_left + W + p_right)×C.
/// </remarks>
/// <param name="kind">What lies around the image.</param>
/// <param name="input">N×H×W×C.</param>
/// <param name="padding">Its rows and columns, 0 or more; for reflection, fewer than those of the image.</param>
/// <exception cref="ShapeException">The padding is negative or too wide.</exception>
/// <exception cref="ArgumentOutOfRangeException">There is no such border.</exception>
public sealed class BorderPaddingForward(BorderKind kind, Shape input, Padding padding)
    : Operation(
        "forward",
        0,
        [Operand.Read("input", input), Operand.Overwritten("output", OutputOf(kind, input, padding))]
    )
{
    /// <summary>What lies around the image.</summary>
    public BorderKind Kind => kind;

    /// <summary>Its rows and columns.</summary>
    public Padding Padding => padding;

    /// <summary>The input's sizes with the padding.</summary>
    internal static Shape OutputOf(BorderKind kind, Shape input, Padding padding)
    {
        if (!Enum.IsDefined(kind))
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such border.");
        if (Math.Min(Math.Min(padding.Top, padding.Left), Math.Min(padding.Bottom, padding.Right)) < 0)
            throw new ShapeException($"A border is 0 or more pixels wide; got {padding} for {input}.");
        bool fits =
            Math.Max(padding.Top, padding.Bottom) < input.Height && Math.Max(padding.Left, padding.Right) < input.Width;
        if (kind == BorderKind.Reflection && !fits)
            throw new ShapeException(
                $"A border of reflection has fewer rows and columns than the image; got {padding} for {input}."
            );
        long height = (long)input.Height + padding.Top + padding.Bottom;
        long width = (long)input.Width + padding.Left + padding.Right;
        return Math.Max(height, width) <= int.MaxValue
            ? new Shape(input.BatchSize, (int)height, (int)width, input.Channels)
            : throw new ShapeException($"{input} with a border of {padding} is more than {int.MaxValue} pixels long.");
    }

    /// <summary>The pixel of an axis that a place holds, counted from the image's first; −1 for none.</summary>
    internal static int Source(BorderKind kind, int place, int size) =>
        place >= 0 && place < size ? place
        : kind == BorderKind.Zeros ? -1
        : kind == BorderKind.Replication ? Math.Clamp(place, 0, size - 1)
        : place < 0 ? -place
        : 2 * (size - 1) - place;
}

/// <summary>
/// The adjoint of <see cref="BorderPaddingForward"/>: dx at each pixel is the sum of dy over the places that hold the
/// pixel.
/// </summary>
/// <remarks>Operands: <c>outputGradient</c>, as large as the output, and <c>inputGradient</c> N×H×W×C.</remarks>
/// <param name="kind">What lies around the image.</param>
/// <param name="input">N×H×W×C.</param>
/// <param name="padding">Its rows and columns.</param>
/// <exception cref="ShapeException">The padding is negative or too wide.</exception>
/// <exception cref="ArgumentOutOfRangeException">There is no such border.</exception>
public sealed class BorderPaddingBackward(BorderKind kind, Shape input, Padding padding)
    : Operation(
        "backward-data",
        PlacesOfPixel(kind, padding),
        [
            Operand.Read("outputGradient", BorderPaddingForward.OutputOf(kind, input, padding)),
            Operand.Overwritten("inputGradient", input),
        ]
    )
{
    /// <summary>What lies around the image.</summary>
    public BorderKind Kind => kind;

    /// <summary>Its rows and columns.</summary>
    public Padding Padding => padding;

    // The most places that one pixel takes.
    private static long PlacesOfPixel(BorderKind kind, Padding padding) =>
        kind switch
        {
            BorderKind.Zeros => 0,
            BorderKind.Reflection => 9,
            _ => (1L + Math.Max(padding.Top, 0) + Math.Max(padding.Bottom, 0))
                * Math.Min(1L + Math.Max(padding.Left, 0) + Math.Max(padding.Right, 0), int.MaxValue),
        };
}

using System.Runtime.InteropServices;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// The sizes of a pooling, checked once and then taken by every implementation, test and benchmark of it.
/// </summary>
/// <remarks>
/// The layout is that of <c>nativecnn_pooling_geometry</c>, whose size is compared when the shim is loaded.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct PoolingGeometry
{
    /// <summary>The most places of a window.</summary>
    internal const int LargestWindow = 65536;

    /// <summary>A pooling's sizes; the output size follows from the rest.</summary>
    /// <param name="input">N×H×W×C of the input.</param>
    /// <param name="window">Height and width of the window.</param>
    /// <param name="stride">
    /// Steps down and across; the window's size by default, so that windows tile the image.
    /// </param>
    /// <param name="padding">Pixels around the image, fewer than the window is large. They never win a maximum.</param>
    /// <param name="countPadding">Average pooling: whether padding counts in the divisor.</param>
    /// <param name="ceilMode">
    /// Whether the output size is rounded up: a last window reaches beyond the padding, as long as it begins on the
    /// image or the padding before it (PyTorch's rule). What lies beyond the padding counts nowhere.
    /// </param>
    /// <exception cref="ShapeException">The sizes contradict each other; the message has them all.</exception>
    public PoolingGeometry(
        Shape input,
        Size2 window,
        Size2? stride = null,
        Padding padding = default,
        bool countPadding = false,
        bool ceilMode = false
    )
    {
        Size2 s = stride ?? window;
        if (window.Height < 1 || window.Width < 1 || s.Height < 1 || s.Width < 1)
            throw new ShapeException($"A pooling's window and stride are 1 or more; got {window} and {s}.");
        if ((long)window.Height * window.Width > LargestWindow)
            throw new ShapeException($"A pooling's window has at most 65,536 places; got {window}.");
        if (
            Math.Min(Math.Min(padding.Top, padding.Left), Math.Min(padding.Bottom, padding.Right)) < 0
            || Math.Max(padding.Top, padding.Bottom) >= window.Height
            || Math.Max(padding.Left, padding.Right) >= window.Width
        )
        {
            throw new ShapeException(
                $"A pooling's padding is 0 or more and less than its window {window}; got {padding}."
            );
        }
        BatchSize = input.BatchSize;
        Height = input.Height;
        Width = input.Width;
        Channels = input.Channels;
        WindowHeight = window.Height;
        WindowWidth = window.Width;
        StrideY = s.Height;
        StrideX = s.Width;
        PadTop = padding.Top;
        PadLeft = padding.Left;
        PadBottom = padding.Bottom;
        PadRight = padding.Right;
        (OutputHeight, OverhangBottom) = Places(
            input,
            new Axis(input.Height, padding.Top, padding.Bottom, window.Height, s.Height),
            ceilMode
        );
        (OutputWidth, OverhangRight) = Places(
            input,
            new Axis(input.Width, padding.Left, padding.Right, window.Width, s.Width),
            ceilMode
        );
        CountPadding = countPadding ? 1 : 0;
        _ = Output;
    }

    /// <summary>N.</summary>
    public readonly int BatchSize;

    /// <summary>H of the input.</summary>
    public readonly int Height;

    /// <summary>W of the input.</summary>
    public readonly int Width;

    /// <summary>C.</summary>
    public readonly int Channels;

    /// <summary>Rows of the window.</summary>
    public readonly int WindowHeight;

    /// <summary>Columns of the window.</summary>
    public readonly int WindowWidth;

    /// <summary>Pixels between windows, down.</summary>
    public readonly int StrideY;

    /// <summary>Pixels between windows, across.</summary>
    public readonly int StrideX;

    /// <summary>Rows above the image.</summary>
    public readonly int PadTop;

    /// <summary>Columns left of the image.</summary>
    public readonly int PadLeft;

    /// <summary>Rows below the image.</summary>
    public readonly int PadBottom;

    /// <summary>Columns right of the image.</summary>
    public readonly int PadRight;

    /// <summary>
    /// H of the output: ⌊(H + p_top + p_bottom − window)/stride⌋ + 1, or ⌈…⌉ + 1 less a window that would begin behind
    /// the image.
    /// </summary>
    public readonly int OutputHeight;

    /// <summary>W of the output.</summary>
    public readonly int OutputWidth;

    /// <summary>
    /// Average pooling: 1 divides by the window's area on the image and its padding, 0 by the elements inside the
    /// image.
    /// </summary>
    public readonly int CountPadding;

    /// <summary>
    /// Rows of the last windows below the padding, which count nowhere; 0 unless sizes are rounded up.
    /// </summary>
    public readonly int OverhangBottom;

    /// <summary>Columns of the last windows beyond the padding.</summary>
    public readonly int OverhangRight;

    /// <summary>N×H×W×C of the input.</summary>
    public Shape Input => new(BatchSize, Height, Width, Channels);

    /// <summary>N×H'×W'×C of the output.</summary>
    public Shape Output => new(BatchSize, OutputHeight, OutputWidth, Channels);

    /// <summary>What holds the place of a maximum: a byte for windows of up to 256 places.</summary>
    public ElementType IndexType => WindowHeight * WindowWidth <= 256 ? ElementType.Byte : ElementType.UInt16;

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = $"{Input}, window {WindowHeight}×{WindowWidth}, stride {StrideY}×{StrideX}";
        if ((PadTop | PadLeft | PadBottom | PadRight) != 0)
            text += $", padding {PadTop},{PadLeft},{PadBottom},{PadRight}";
        return (OverhangBottom | OverhangRight) == 0 ? text : text + $", overhang {OverhangBottom},{OverhangRight}";
    }

    // How many windows there are along an axis, and by how much the last reaches beyond the padding.
    private static (int Count, int Overhang) Places(Shape input, Axis axis, bool ceilMode)
    {
        long padded = (long)axis.Size + axis.Before + axis.After;
        long steps = padded - axis.Window;
        if (steps < 0 && !(ceilMode && steps > -axis.Stride))
            throw new ShapeException(
                $"A window of {axis.Window} does not fit an input of {input}, {padded} with its padding."
            );
        long places = steps < 0 ? 1 : steps / axis.Stride + 1;
        // A remainder is one more window, if that begins on the image or the padding before it.
        if (ceilMode && steps > 0 && steps % axis.Stride != 0 && places * axis.Stride < (long)axis.Size + axis.Before)
            places++;
        if (places > int.MaxValue)
            throw new ShapeException($"The output of {input} would be {places} pixels long with its padding.");
        return ((int)places, (int)Math.Max(0, (places - 1) * axis.Stride - steps));
    }

    private readonly record struct Axis(int Size, int Before, int After, int Window, int Stride);
}

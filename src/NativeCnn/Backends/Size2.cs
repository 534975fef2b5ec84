using System.Globalization;
using NativeCnn.Tensors;

namespace NativeCnn.Backends;

/// <summary>A height and a width: of a kernel, a window, a stride or a dilation.</summary>
public readonly record struct Size2(int Height, int Width)
{
    /// <summary>The same size both ways.</summary>
    public static implicit operator Size2(int size) => new(size, size);

    /// <summary>The same size both ways.</summary>
    public static Size2 FromInt32(int size) => new(size, size);

    /// <inheritdoc/>
    public override string ToString() => $"{Height}×{Width}";
}

/// <summary>Rows and columns added around an image.</summary>
public readonly record struct Padding(int Top, int Left, int Bottom, int Right)
{
    /// <summary>No padding: the kernel stays inside the image.</summary>
    public static Padding Valid => default;

    /// <summary>The same padding on all four sides.</summary>
    public static Padding All(int size) => new(size, size, size, size);

    /// <summary>Top, left, bottom and right, as files have them.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"[{Top}, {Left}, {Bottom}, {Right}]");

    /// <summary>
    /// The padding with which N stays N at stride 1: d(K−1) in all, the odd one on the far side, so that an even K pads
    /// K/2 − 1 before and K/2 after.
    /// </summary>
    /// <exception cref="ShapeException">It passes what a padding can be.</exception>
    public static Padding Same(Size2 kernel, Size2? dilation = null)
    {
        (int down, int across) = Reach(kernel, dilation ?? 1);
        return new Padding(down / 2, across / 2, down - down / 2, across - across / 2);
    }

    /// <summary>
    /// The padding with which every place that a kernel touches the image counts: d(K−1) on every side.
    /// </summary>
    /// <exception cref="ShapeException">It passes what a padding can be.</exception>
    public static Padding Full(Size2 kernel, Size2? dilation = null)
    {
        (int down, int across) = Reach(kernel, dilation ?? 1);
        return new Padding(down, across, down, across);
    }

    // d(K−1) along both axes.
    private static (int Down, int Across) Reach(Size2 kernel, Size2 dilation)
    {
        long down = dilation.Height * (kernel.Height - 1L);
        long across = dilation.Width * (kernel.Width - 1L);
        if (Math.Max(Math.Abs(down), Math.Abs(across)) > int.MaxValue)
            throw new ShapeException($"A kernel of {kernel} with dilation {dilation} is too large to be padded for.");
        return ((int)down, (int)across);
    }
}

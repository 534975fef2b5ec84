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

    /// <summary>
    /// The padding with which N stays N at stride 1: d(K−1) in all, the odd one on the far side, so that an even K pads
    /// K/2 − 1 before and K/2 after.
    /// </summary>
    public static Padding Same(Size2 kernel, Size2? dilation = null)
    {
        Size2 d = dilation ?? 1;
        int down = d.Height * (kernel.Height - 1);
        int across = d.Width * (kernel.Width - 1);
        return new Padding(down / 2, across / 2, down - down / 2, across - across / 2);
    }

    /// <summary>
    /// The padding with which every place that a kernel touches the image counts: d(K−1) on every side.
    /// </summary>
    public static Padding Full(Size2 kernel, Size2? dilation = null)
    {
        Size2 d = dilation ?? 1;
        int down = d.Height * (kernel.Height - 1);
        int across = d.Width * (kernel.Width - 1);
        return new Padding(down, across, down, across);
    }
}

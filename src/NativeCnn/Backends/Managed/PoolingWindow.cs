using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Managed;

/// <summary>The part of a window that lies inside the image, ends excluded, and what its sum is divided by.</summary>
internal readonly record struct PoolingWindow(int Top, int Left, int Bottom, int Right, int Divisor)
{
    // The divisor is the number of the window's places on the image and its padding if that counts, else of those
    // inside the image.
    public static PoolingWindow At(in PoolingGeometry g, int outputRow, int outputColumn)
    {
        int top = outputRow * g.StrideY - g.PadTop;
        int left = outputColumn * g.StrideX - g.PadLeft;
        int insideTop = Math.Max(top, 0);
        int insideLeft = Math.Max(left, 0);
        int insideBottom = Math.Min(top + g.WindowHeight, g.Height);
        int insideRight = Math.Min(left + g.WindowWidth, g.Width);
        int divisor =
            g.CountPadding == 1
                ? (Math.Min(top + g.WindowHeight, g.Height + g.PadBottom) - top)
                    * (Math.Min(left + g.WindowWidth, g.Width + g.PadRight) - left)
                : (insideBottom - insideTop) * (insideRight - insideLeft);
        return new PoolingWindow(insideTop, insideLeft, insideBottom, insideRight, divisor);
    }
}

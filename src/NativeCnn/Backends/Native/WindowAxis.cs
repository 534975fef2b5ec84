using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

/// <summary>Along one axis: the pixels of each window, and the windows over each pixel.</summary>
internal sealed class WindowAxis
{
    private readonly int[] _begin;
    private readonly int[] _end;
    private readonly int[] _counted;
    private readonly int[] _first;
    private readonly int[] _after;

    // Windows are given in their order; neither end of one lies before that of the window before.
    private WindowAxis(int size, int windows, Func<int, (int Begin, int End, int Counted)> window)
    {
        (_begin, _end, _counted) = (new int[windows], new int[windows], new int[windows]);
        for (int w = 0; w < windows; w++)
            (_begin[w], _end[w], _counted[w]) = window(w);
        (_first, _after) = (new int[size], new int[size]);
        int first = 0;
        int after = 0;
        for (int pixel = 0; pixel < size; pixel++)
        {
            while (first < windows && _end[first] <= pixel)
                first++;
            while (after < windows && _begin[after] <= pixel)
                after++;
            (_first[pixel], _after[pixel]) = (first, after);
        }
    }

    /// <summary>The pixels of a window that lie inside the image.</summary>
    public (int Begin, int End) Pixels(int window) => (_begin[window], _end[window]);

    /// <summary>How many of a window's places count in a divisor.</summary>
    public int Counted(int window) => _counted[window];

    /// <summary>The windows that hold a pixel.</summary>
    public (int Begin, int End) Windows(int pixel) => (_first[pixel], _after[pixel]);

    /// <summary>The rows of a pooling's windows.</summary>
    public static WindowAxis Down(PoolingGeometry g) =>
        Strided(g.Height, g.OutputHeight, g.WindowHeight, g.StrideY, (g.PadTop, g.PadBottom), g.CountPadding == 1);

    /// <summary>The columns of a pooling's windows.</summary>
    public static WindowAxis Across(PoolingGeometry g) =>
        Strided(g.Width, g.OutputWidth, g.WindowWidth, g.StrideX, (g.PadLeft, g.PadRight), g.CountPadding == 1);

    /// <summary>Adaptive windows.</summary>
    public static WindowAxis Adaptive(int size, int windows) =>
        new(
            size,
            windows,
            w =>
            {
                int begin = AdaptiveWindow.Begin(w, size, windows);
                int end = AdaptiveWindow.End(w, size, windows);
                return (begin, end, end - begin);
            }
        );

    private static WindowAxis Strided(
        int size,
        int windows,
        int window,
        int stride,
        (int Before, int After) padding,
        bool countPadding
    ) =>
        new(
            size,
            windows,
            w =>
            {
                int start = w * stride - padding.Before;
                int begin = Math.Max(start, 0);
                int end = Math.Min(start + window, size);
                return (
                    begin,
                    end,
                    countPadding ? Math.Min(start + window, size + padding.After) - start : end - begin
                );
            }
        );
}

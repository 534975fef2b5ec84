using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

/// <summary>Consecutive pixels, taps, tiles, channels … that are computed together.</summary>
internal readonly record struct IndexRange(int First, int Count)
{
    /// <summary>The first index behind it.</summary>
    public int End => First + Count;

    /// <summary>The range as the shim takes it.</summary>
    public static implicit operator nativecnn_range(IndexRange range) => new(range.First, range.Count);

    /// <summary>All of a total.</summary>
    public static IndexRange All(int total) => new(0, total);

    /// <summary>One of the blocks of a size that cover a total; the last may be smaller.</summary>
    public static IndexRange Block(int total, int size, int block) =>
        new(block * size, Math.Min(size, total - block * size));

    /// <summary>One of so many parts of a total, whose counts differ by 1 at most.</summary>
    public static IndexRange Part(int total, int parts, int part)
    {
        int begin = (int)((long)total * part / parts);
        int end = (int)((long)total * (part + 1) / parts);
        return new IndexRange(begin, end - begin);
    }
}

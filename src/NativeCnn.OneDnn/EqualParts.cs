namespace NativeCnn.OneDnn;

/// <summary>
/// A length (examples, rows, elements, filters) cut into parts of equal size, the last of which may be smaller. The
/// bounds follow from the sizes alone.
/// </summary>
internal readonly struct EqualParts
{
    /// <summary>How many parts there are at most: shares for many threads, and not too small.</summary>
    public const int Most = 16;

    private readonly int _length;

    /// <summary>So many parts at most, the size of each but the last a multiple of a number.</summary>
    public EqualParts(int length, long most = Most, int multiple = 1)
    {
        _length = length;
        int count = (int)Math.Clamp(most, 1, Math.Min(Most, length));
        long size = ((long)length + count - 1) / count;
        Size = (int)Math.Min(length, (size + multiple - 1) / multiple * multiple);
        Count = (int)(((long)length + Size - 1) / Size);
    }

    /// <summary>The size of each part but the last.</summary>
    public int Size { get; }

    /// <summary>How many parts.</summary>
    public int Count { get; }

    /// <summary>The size of the last part.</summary>
    public int LastSize => _length - (Count - 1) * Size;

    /// <summary>The size of a part.</summary>
    public int SizeOf(int part) => part == Count - 1 ? LastSize : Size;

    /// <summary>Where a part begins.</summary>
    public long FirstOf(int part) => (long)part * Size;
}

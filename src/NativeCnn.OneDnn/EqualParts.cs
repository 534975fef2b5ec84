namespace NativeCnn.OneDnn;

/// <summary>
/// A batch cut into parts of equal size, the last of which may be smaller. The bounds follow from the sizes alone.
/// </summary>
internal readonly struct BatchParts
{
    /// <summary>How many parts there are at most: shares for many threads, and not too small.</summary>
    public const int Most = 16;

    private readonly int _batchSize;

    /// <summary>A batch cut into so many parts at most, each a multiple of so many examples but the last.</summary>
    public BatchParts(int batchSize, long most = Most, int multiple = 1)
    {
        _batchSize = batchSize;
        int count = (int)Math.Clamp(most, 1, Math.Min(Most, batchSize));
        long size = ((long)batchSize + count - 1) / count;
        Size = (int)Math.Min(batchSize, (size + multiple - 1) / multiple * multiple);
        Count = (int)(((long)batchSize + Size - 1) / Size);
    }

    /// <summary>Examples of each part but the last.</summary>
    public int Size { get; }

    /// <summary>How many parts.</summary>
    public int Count { get; }

    /// <summary>Examples of the last part.</summary>
    public int LastSize => _batchSize - (Count - 1) * Size;

    /// <summary>Examples of a part.</summary>
    public int SizeOf(int part) => part == Count - 1 ? LastSize : Size;

    /// <summary>The first example of a part.</summary>
    public long FirstOf(int part) => (long)part * Size;
}

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// How COL is cut: tiles of <see cref="Rows"/> pixels, and of <see cref="Columns"/> taps within a tile.
/// </summary>
/// <param name="Rows">Output pixels of a tile.</param>
/// <param name="RowTiles">How many tiles cover the output pixels.</param>
/// <param name="Columns">Taps that are written and multiplied at a time.</param>
internal readonly record struct TileSize(int Rows, int RowTiles, int Columns)
{
    // A tile of COL that stays in a core's own cache beside the filters' panels: 768 kB.
    private const int TileFloats = 192 * 1024;

    // sgemm packs the filters anew at every call, which so many rows pay for.
    private const int MinRows = 384;
    private const int MaxRows = 1024;

    // Chunks of a pass, unless the threads want more.
    private const int MaxChunks = 256;

    /// <summary>A tile size for a product of so many pixels and taps; it depends on nothing else.</summary>
    public static TileSize Choose(int pixels, int taps)
    {
        int rows = Math.Clamp(TileFloats / taps, MinRows, MaxRows);
        int tiles = EvenCount((pixels + rows - 1) / rows);
        rows = (pixels + tiles - 1) / tiles;
        int blocks = (int)(((long)rows * taps + TileFloats - 1) / TileFloats);
        return new TileSize(rows, (pixels + rows - 1) / rows, (taps + blocks - 1) / blocks);
    }

    /// <summary>
    /// An even count of chunks: those of so much work, or what the threads want where that is more, as long as the work
    /// of each is worth handing over.
    /// </summary>
    /// <param name="work">Multiply-adds of all chunks.</param>
    /// <param name="workPerChunk">Of a chunk, whoever computes it.</param>
    /// <param name="leastWorkPerChunk">Of a chunk at least, where the threads want more chunks.</param>
    /// <param name="wantedByThreads">Chunks that the threads want; 1 where the count is not to depend on them.</param>
    public static int ChunksOf(long work, long workPerChunk, long leastWorkPerChunk, int wantedByThreads)
    {
        int byWork = (int)Math.Clamp(work / workPerChunk, 1, MaxChunks);
        int byThreads = (int)Math.Clamp(work / leastWorkPerChunk, 1, wantedByThreads);
        return EvenCount(Math.Max(byWork, byThreads));
    }

    /// <summary>A count of chunks rounded up so that 2, 4 or 8 threads get equal shares of them.</summary>
    public static int EvenCount(int chunks) =>
        chunks switch
        {
            <= 1 => 1,
            <= 4 => 4,
            _ => (chunks + 7) / 8 * 8,
        };
}

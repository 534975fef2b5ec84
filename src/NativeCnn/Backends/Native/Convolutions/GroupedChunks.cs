using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>How the work of <see cref="GroupedForward"/> and <see cref="GroupedBackwardFilter"/> is cut.</summary>
/// <param name="Rows">Chunks of rows.</param>
/// <param name="Panels">Chunks of panels of 16 channels.</param>
/// <param name="Channels">All channels.</param>
internal readonly record struct GroupedChunks(int Rows, int Panels, int Channels)
{
    // Multiply-adds of a chunk: some 50 µs, long against a hand-over.
    private const long WorkPerChunk = 2_500_000;

    // Where threads are more than such chunks: some 5 µs.
    private const long LeastWorkPerChunk = 250_000;

    /// <summary>Chunks of rows and of panels together.</summary>
    public int Count => Rows * Panels;

    /// <summary>
    /// Images first, whose rows share what they read; then panels, and rows within an image only where these are too few.
    /// </summary>
    /// <param name="geometry">The sizes.</param>
    /// <param name="rows">The rows of all images that are divided.</param>
    /// <param name="wantedByThreads">Chunks that the threads want, where results do not depend on them.</param>
    public static GroupedChunks Choose(in ConvolutionGeometry geometry, int rows, int wantedByThreads = 1)
    {
        int panels = geometry.Channels / Shim.NATIVECNN_PANEL;
        int wanted = TileSize.ChunksOf(geometry.MultiplyAdds, WorkPerChunk, LeastWorkPerChunk, wantedByThreads);
        int rowChunks = Math.Min(wanted, geometry.BatchSize);
        int panelChunks = Math.Clamp(NativeBackend.ChunkCount(wanted, rowChunks), 1, panels);
        if (rowChunks * panelChunks < wanted)
            rowChunks = Math.Min(NativeBackend.ChunkCount(wanted, panelChunks), rows);
        return new GroupedChunks(rowChunks, panelChunks, geometry.Channels);
    }

    /// <summary>The panels of a chunk of them.</summary>
    public IndexRange PanelsOf(int chunk) => IndexRange.Part(Channels / Shim.NATIVECNN_PANEL, Panels, chunk);
}

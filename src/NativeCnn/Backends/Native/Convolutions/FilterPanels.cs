using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Packs the filters of all groups into the panels that <see cref="DirectForward"/> and <see cref="BlockedForward"/> read.
/// </summary>
/// <param name="geometry">The forward convolution's sizes, in both passes.</param>
/// <param name="backwardData">Whether they are packed for the input gradient.</param>
/// <param name="filters">The filters of all groups.</param>
/// <param name="panelsPerChunk">Panels of a chunk.</param>
/// <param name="scratch">Where they go.</param>
internal readonly unsafe struct FilterPanels(
    ConvolutionGeometry geometry,
    bool backwardData,
    float* filters,
    int panelsPerChunk,
    Scratch scratch
) : IParallelWork
{
    /// <summary>The panels of a group.</summary>
    public static int CountOf(in ConvolutionGeometry geometry, bool backwardData) =>
        NativeBackend.ChunkCount(
            backwardData ? geometry.ChannelsPerGroup : geometry.FiltersPerGroup,
            Shim.NATIVECNN_PANEL
        );

    private int ChunksPerGroup => NativeBackend.ChunkCount(CountOf(geometry, backwardData), panelsPerChunk);

    /// <summary>Packs them on the pool's threads, unless they are packed already.</summary>
    public void Pack(WorkerPool pool)
    {
        FilterPanels work = this;
        if (!scratch.Packed.IsCurrent)
            pool.Run(ref work, geometry.Groups * ChunksPerGroup);
    }

    public void Run(int chunk, int worker)
    {
        ConvolutionGeometry g = geometry;
        (int group, int block) = Math.DivRem(chunk, ChunksPerGroup);
        Shim.nativecnn_direct_pack_filters(
            (nativecnn_convolution_geometry*)&g,
            filters,
            group,
            backwardData ? 1 : 0,
            IndexRange.Block(CountOf(g, backwardData), panelsPerChunk, block),
            scratch.PackedOf(group)
        );
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Packs a group's filters into the panels that <see cref="DirectForward"/> and <see cref="BlockedForward"/> read.
/// </summary>
/// <param name="geometry">The forward convolution's sizes, in both passes.</param>
/// <param name="backwardData">Whether they are packed for the input gradient.</param>
/// <param name="group">Which group.</param>
/// <param name="filters">The filters of all groups.</param>
/// <param name="panelsPerChunk">Panels of a chunk.</param>
/// <param name="scratch">Where they go.</param>
internal readonly unsafe struct FilterPanels(
    ConvolutionGeometry geometry,
    bool backwardData,
    int group,
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

    /// <summary>Packs them on the pool's threads, unless they are packed already.</summary>
    public void Pack(WorkerPool pool)
    {
        FilterPanels work = this;
        if (!scratch.Packed.IsCurrent)
            pool.Run(ref work, NativeBackend.ChunkCount(CountOf(geometry, backwardData), panelsPerChunk));
    }

    public void Run(int chunk, int worker)
    {
        ConvolutionGeometry g = geometry;
        Shim.nativecnn_direct_pack_filters(
            (nativecnn_convolution_geometry*)&g,
            filters,
            group,
            backwardData ? 1 : 0,
            IndexRange.Block(CountOf(g, backwardData), panelsPerChunk, chunk),
            scratch.PackedOf(group)
        );
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// The matrix COL of a convolution, output pixels × taps, of which only a tile exists at a time. For a 1×1 kernel at
/// stride 1 it is the input itself.
/// </summary>
internal static unsafe class Im2ColTile
{
    /// <summary>The floats of a worker's scratch that a tile of the size needs.</summary>
    public static long ScratchFloats(in ConvolutionGeometry geometry, in TileSize size) =>
        geometry.IsPointwise ? 0 : (long)size.Rows * size.Columns;

    /// <summary>COL[pixels × taps] of a group: read in place, or written to the worker's scratch.</summary>
    public static Matrix Of(
        ConvolutionGeometry geometry,
        float* input,
        int group,
        IndexRange pixels,
        IndexRange taps,
        Scratch scratch,
        int worker
    )
    {
        if (geometry.IsPointwise)
        {
            long channel = (long)group * geometry.ChannelsPerGroup + taps.First;
            return new Matrix(input + (long)pixels.First * geometry.Channels + channel, geometry.Channels);
        }
        float* columns = scratch.Private(worker);
        Shim.nativecnn_im2col((nativecnn_convolution_geometry*)&geometry, input, group, pixels, taps, columns);
        return new Matrix(columns, taps.Count);
    }
}

using NativeCnn.Interop;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// The matrix COL of a convolution, output pixels × taps, of which only a tile exists at a time. For a 1×1 kernel at stride 1
/// it is the input itself.
/// </summary>
internal static unsafe class Patches
{
    /// <summary>Floats of scratch that a tile needs.</summary>
    public static long ScratchFloats(in ConvolutionGeometry geometry, int rows, int columns) =>
        geometry.IsPointwise ? 0 : (long)rows * columns;

    /// <summary>COL[rows × columns] from a first row and column: read in place, or written to <paramref name="scratch"/>.</summary>
    public static Matrix Tile(
        ConvolutionGeometry geometry,
        float* input,
        int group,
        int firstRow,
        int rows,
        int firstColumn,
        int columns,
        float* scratch
    )
    {
        if (geometry.IsPointwise)
        {
            long channel = (long)group * geometry.ChannelsPerGroup + firstColumn;
            return new Matrix(input + (long)firstRow * geometry.Channels + channel, geometry.Channels);
        }
        Shim.nativecnn_im2col(
            (nativecnn_convolution_geometry*)&geometry,
            input,
            group,
            new(firstRow, rows),
            new(firstColumn, columns),
            scratch
        );
        return new Matrix(scratch, columns);
    }
}

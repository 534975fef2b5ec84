namespace NativeCnn.Backends.Operations;

/// <summary>
/// The maximum of each window: y[n,y,x,c] = max over (i, j) of x[n, y·s + i − p_top, x·s + j − p_left, c], and its
/// place i·window_width + j. The first maximum in scan order wins, padding never does. A NaN counts as larger than
/// every number, infinity included: a window with a NaN gives NaN, and the first NaN is its place. −∞ is a number like
/// any other: a window of nothing else gives −∞, and its first pixel is the place.
/// </summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C, <c>output</c> N×H'×W'×C, and <c>argmax</c>, which receives the places, N×H'×W'×C of
/// <see cref="PoolingGeometry.IndexType"/>.
/// </remarks>
/// <param name="geometry">The sizes.</param>
/// <param name="wantsArgmax">Whether the places are written, for the backward pass.</param>
public sealed class MaxPoolingForward(PoolingGeometry geometry, bool wantsArgmax)
    : Operation(
        "forward",
        0,
        [
            Operand.Read("input", geometry.Input),
            Operand.Overwritten("output", geometry.Output),
            Operand.Overwritten("argmax", geometry.Output, wantsArgmax) with
            {
                Type = geometry.IndexType,
            },
        ]
    )
{
    /// <summary>The sizes.</summary>
    public PoolingGeometry Geometry => geometry;
}

/// <summary>
/// Each output gradient goes to the place that won its window, alone:
/// dx[n, y·s + i − p_top, x·s + j − p_left, c] = Σ dy[n,y,x,c] over the windows whose place (i, j) is that pixel.
/// </summary>
/// <remarks>
/// Operands: <c>outputGradient</c> N×H'×W'×C, <c>argmax</c> N×H'×W'×C of <see cref="PoolingGeometry.IndexType"/> as
/// <see cref="MaxPoolingForward"/> wrote it, and <c>inputGradient</c> N×H×W×C.
/// </remarks>
/// <param name="geometry">The sizes.</param>
public sealed class MaxPoolingBackward(PoolingGeometry geometry)
    : Operation(
        "backward-data",
        WindowsPerPixel(geometry) == 1 ? 0 : WindowsPerPixel(geometry),
        [
            Operand.Read("outputGradient", geometry.Output),
            Operand.Read("argmax", geometry.Output) with
            {
                Type = geometry.IndexType,
            },
            Operand.Overwritten("inputGradient", geometry.Input),
        ]
    )
{
    /// <summary>The sizes.</summary>
    public PoolingGeometry Geometry => geometry;

    /// <summary>How many windows one pixel can lie in.</summary>
    internal static int WindowsPerPixel(in PoolingGeometry g) =>
        g.Input.Count == 0 ? 0 : Windows(g.WindowHeight, g.StrideY) * Windows(g.WindowWidth, g.StrideX);

    private static int Windows(int window, int stride) => (int)(((long)window + stride - 1) / stride);
}

namespace NativeCnn.Backends.Operations;

/// <summary>
/// The mean of each window: y[n,y,x,c] = Σ x[n,row,column,c] / divisor over the rows and columns of the window that lie
/// inside the image. The divisor is the window's area on image and padding, or the number of those pixels, as
/// <see cref="PoolingGeometry.CountPadding"/> says.
/// </summary>
/// <remarks>Operands: <c>input</c> N×H×W×C and <c>output</c> N×H'×W'×C.</remarks>
/// <param name="geometry">The sizes.</param>
public sealed class AveragePoolingForward(PoolingGeometry geometry)
    : Operation(
        "forward",
        geometry.WindowHeight * geometry.WindowWidth,
        [Operand.Read("input", geometry.Input), Operand.Overwritten("output", geometry.Output)]
    )
{
    /// <summary>The sizes.</summary>
    public PoolingGeometry Geometry => geometry;
}

/// <summary>
/// Each output gradient is spread evenly over its window: dx[n,row,column,c] = Σ dy[n,y,x,c] / divisor over the windows
/// that hold the pixel, with the divisor of <see cref="AveragePoolingForward"/>.
/// </summary>
/// <remarks>Operands: <c>outputGradient</c> N×H'×W'×C and <c>inputGradient</c> N×H×W×C.</remarks>
/// <param name="geometry">The sizes.</param>
public sealed class AveragePoolingBackward(PoolingGeometry geometry)
    : Operation(
        "backward-data",
        MaxPoolingBackward.WindowsPerPixel(geometry),
        [Operand.Read("outputGradient", geometry.Output), Operand.Overwritten("inputGradient", geometry.Input)]
    )
{
    /// <summary>The sizes.</summary>
    public PoolingGeometry Geometry => geometry;
}

namespace NativeCnn.Backends.Operations;

/// <summary>
/// The square root of each window's mean square: y[n,y,x,c] = √(Σ x[n,row,column,c]² / divisor) over the rows and
/// columns of the window that lie inside the image, with the divisor of <see cref="AveragePoolingForward"/>.
/// </summary>
/// <remarks>Operands: <c>input</c> N×H×W×C and <c>output</c> N×H'×W'×C.</remarks>
/// <param name="geometry">The sizes.</param>
public sealed class L2PoolingForward(PoolingGeometry geometry)
    : Operation(
        "forward",
        (long)geometry.WindowHeight * geometry.WindowWidth,
        [Operand.Read("input", geometry.Input), Operand.Overwritten("output", geometry.Output)]
    )
{
    /// <summary>The sizes.</summary>
    public PoolingGeometry Geometry => geometry;
}

/// <summary>
/// dx[n,row,column,c] = x[n,row,column,c] Σ dy[n,y,x,c] / (y[n,y,x,c] · divisor) over the windows that hold the pixel.
/// A window whose root is 0, which has no derivative, gives 0.
/// </summary>
/// <remarks>
/// Operands: <c>input</c> and <c>inputGradient</c> N×H×W×C, <c>output</c> and <c>outputGradient</c> N×H'×W'×C.
/// </remarks>
/// <param name="geometry">The sizes.</param>
public sealed class L2PoolingBackward(PoolingGeometry geometry)
    : Operation(
        "backward-data",
        MaxPoolingBackward.WindowsPerPixel(geometry),
        [
            Operand.Read("input", geometry.Input),
            Operand.Read("output", geometry.Output),
            Operand.Read("outputGradient", geometry.Output),
            Operand.Overwritten("inputGradient", geometry.Input),
        ]
    )
{
    /// <summary>The sizes.</summary>
    public PoolingGeometry Geometry => geometry;
}

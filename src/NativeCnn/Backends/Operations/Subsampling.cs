using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// Trainable subsampling before its non-linearity: y[n,i,j,c] = β_c s[n,i,j,c] + b_c, s the sum over the distinct block
/// of pixels (i, j).
/// </summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C, <c>coefficients</c> β and <c>bias</c> b 1×1×1×C, <c>output</c> and <c>sums</c> s
/// N×H/n×W/m×C.
/// </remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="block">n×m, the rows and columns of a block, which divide those of the image.</param>
/// <param name="wantsSums">Whether s is written, for the backward pass.</param>
/// <exception cref="ShapeException">Blocks of that size do not tile the image.</exception>
public sealed class SubsamplingForward(Shape input, Size2 block, bool wantsSums)
    : Operation(
        "forward",
        (long)block.Height * block.Width + 2,
        [
            Operand.Read("input", input),
            Operand.Read("coefficients", Shape.Vector(1, input.Channels)),
            Operand.Read("bias", Shape.Vector(1, input.Channels)),
            Operand.Overwritten("output", OutputOf(input, block)),
            Operand.Overwritten("sums", OutputOf(input, block), wantsSums),
        ]
    )
{
    /// <summary>Rows and columns of a block.</summary>
    public Size2 Block => block;

    /// <summary>N×H/n×W/m×C.</summary>
    internal static Shape OutputOf(Shape input, Size2 block) =>
        block.Height >= 1 && block.Width >= 1 && input.Height % block.Height == 0 && input.Width % block.Width == 0
            ? new Shape(input.BatchSize, input.Height / block.Height, input.Width / block.Width, input.Channels)
            : throw new ShapeException($"Subsampling takes blocks that tile the image; got {block} for {input}.");
}

/// <summary>
/// dx[n,row,column,c] = β_c dy at the pixel's block; or β_c² dy, which propagates the diagonal of second derivatives.
/// </summary>
/// <remarks>
/// Operands: <c>outputGradient</c> N×H/n×W/m×C, <c>coefficients</c> 1×1×1×C and <c>inputGradient</c> N×H×W×C.
/// </remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="block">n×m, the rows and columns of a block.</param>
/// <param name="isSquared">Whether coefficients are squared.</param>
/// <exception cref="ShapeException">Blocks of that size do not tile the image.</exception>
public sealed class SubsamplingBackwardData(Shape input, Size2 block, bool isSquared = false)
    : Operation(
        "backward-data",
        2,
        [
            Operand.Read("outputGradient", SubsamplingForward.OutputOf(input, block)),
            Operand.Read("coefficients", Shape.Vector(1, input.Channels)),
            Operand.Overwritten("inputGradient", input),
        ]
    )
{
    /// <summary>Rows and columns of a block.</summary>
    public Size2 Block => block;

    /// <summary>Whether coefficients are squared.</summary>
    public bool IsSquared => isSquared;
}

/// <summary>
/// dβ_c += Σ s[n,i,j,c] dy[n,i,j,c]; or Σ s² dy, which is the diagonal of second derivatives.
/// </summary>
/// <remarks>
/// Operands: <c>sums</c> as <see cref="SubsamplingForward"/> wrote them, <c>outputGradient</c>, both N×H'×W'×C, and
/// <c>coefficientGradient</c> 1×1×1×C.
/// </remarks>
/// <param name="output">N×H'×W'×C.</param>
/// <param name="isSquared">Whether sums are squared.</param>
public sealed class SubsamplingBackwardCoefficients(Shape output, bool isSquared = false)
    : Operation(
        "backward-weights",
        output.PixelCount,
        [
            Operand.Read("sums", output),
            Operand.Read("outputGradient", output),
            Operand.Accumulated("coefficientGradient", Shape.Vector(1, output.Channels)),
        ]
    )
{
    /// <summary>Whether sums are squared.</summary>
    public bool IsSquared => isSquared;
}

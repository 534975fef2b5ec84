using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>What a pixel becomes a block of.</summary>
public enum UpSamplingKind
{
    /// <summary>Its value everywhere.</summary>
    Nearest,

    /// <summary>Its value in the first row and column, zeros elsewhere.</summary>
    ZeroInsertion,

    /// <summary>Average un-pooling: its value divided by the block's pixels, everywhere.</summary>
    AverageUnpooling,
}

/// <summary>
/// Each pixel becomes a block of n rows and m columns: y[n, i·n + a, j·m + b, c] is x[n,i,j,c] for nearest up-sampling,
/// x/(nm) for average un-pooling, and for zero insertion x where a = b = 0, else 0.
/// </summary>
/// <remarks>Operands: <c>input</c> N×H×W×C and <c>output</c> N×nH×mW×C.</remarks>
/// <param name="kind">What the block holds.</param>
/// <param name="input">N×H×W×C.</param>
/// <param name="factor">Rows and columns of a block, 1 or more.</param>
/// <exception cref="ShapeException">A factor is below 1, or the output too large.</exception>
/// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
public sealed class UpSamplingForward(UpSamplingKind kind, Shape input, Size2 factor)
    : Operation(
        "forward",
        kind == UpSamplingKind.AverageUnpooling ? 1 : 0,
        [Operand.Read("input", input), Operand.Overwritten("output", OutputOf(kind, input, factor))]
    )
{
    /// <summary>What the block holds.</summary>
    public UpSamplingKind Kind => kind;

    /// <summary>Rows and columns of a block.</summary>
    public Size2 Factor => factor;

    /// <summary>What a block's elements are of the pixel: 1/(nm) for average un-pooling, else 1.</summary>
    internal static double ScaleOf(UpSamplingKind kind, Size2 factor) =>
        kind == UpSamplingKind.AverageUnpooling ? 1.0 / ((double)factor.Height * factor.Width) : 1;

    /// <summary>N×nH×mW×C.</summary>
    internal static Shape OutputOf(UpSamplingKind kind, Shape input, Size2 factor)
    {
        if (!Enum.IsDefined(kind))
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such up-sampling.");
        long height = (long)input.Height * factor.Height;
        long width = (long)input.Width * factor.Width;
        return factor.Height >= 1 && factor.Width >= 1 && Math.Max(height, width) <= int.MaxValue
            ? new Shape(input.BatchSize, (int)height, (int)width, input.Channels)
            : throw new ShapeException(
                $"Up-sampling takes factors of 1 or more and an output of at most {int.MaxValue} pixels a side; got {factor} for {input}."
            );
    }
}

/// <summary>
/// The adjoint of <see cref="UpSamplingForward"/>: dx is the sum of dy over the block for nearest up-sampling, its mean
/// for average un-pooling, and for zero insertion its first element.
/// </summary>
/// <remarks>Operands: <c>outputGradient</c> N×nH×mW×C and <c>inputGradient</c> N×H×W×C.</remarks>
/// <param name="kind">What the block holds.</param>
/// <param name="input">N×H×W×C.</param>
/// <param name="factor">Rows and columns of a block, 1 or more.</param>
/// <exception cref="ShapeException">A factor is below 1, or the output too large.</exception>
/// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
public sealed class UpSamplingBackward(UpSamplingKind kind, Shape input, Size2 factor)
    : Operation(
        "backward-data",
        kind == UpSamplingKind.ZeroInsertion ? 0 : (long)factor.Height * factor.Width,
        [
            Operand.Read("outputGradient", UpSamplingForward.OutputOf(kind, input, factor)),
            Operand.Overwritten("inputGradient", input),
        ]
    )
{
    /// <summary>What the block holds.</summary>
    public UpSamplingKind Kind => kind;

    /// <summary>Rows and columns of a block.</summary>
    public Size2 Factor => factor;
}

using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>Every s-th row and column, from the first on: y[n,i,j,c] = x[n, i·s, j·s, c].</summary>
/// <remarks>Operands: <c>input</c> N×H×W×C and <c>output</c> N×⌈H/s⌉×⌈W/s⌉×C.</remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="step">Rows and columns from one that is kept to the next, 1 or more.</param>
/// <exception cref="ShapeException">A step is below 1.</exception>
public sealed class SkippingForward(Shape input, Size2 step)
    : Operation("forward", 0, [Operand.Read("input", input), Operand.Overwritten("output", OutputOf(input, step))])
{
    /// <summary>Rows and columns from one that is kept to the next.</summary>
    public Size2 Step => step;

    /// <summary>N×⌈H/s⌉×⌈W/s⌉×C.</summary>
    internal static Shape OutputOf(Shape input, Size2 step)
    {
        if (step.Height < 1 || step.Width < 1)
            throw new ShapeException($"Skipping takes steps of 1 or more; got {step} for {input}.");
        int height = (int)(((long)input.Height + step.Height - 1) / step.Height);
        int width = (int)(((long)input.Width + step.Width - 1) / step.Width);
        return new Shape(input.BatchSize, height, width, input.Channels);
    }
}

/// <summary>
/// Zeros are inserted: dx[n, i·s, j·s, c] = dy[n,i,j,c], 0 at every pixel that was skipped.
/// </summary>
/// <remarks>Operands: <c>outputGradient</c> N×⌈H/s⌉×⌈W/s⌉×C and <c>inputGradient</c> N×H×W×C.</remarks>
/// <param name="input">N×H×W×C.</param>
/// <param name="step">Rows and columns from one that is kept to the next, 1 or more.</param>
/// <exception cref="ShapeException">A step is below 1.</exception>
public sealed class SkippingBackward(Shape input, Size2 step)
    : Operation(
        "backward-data",
        0,
        [
            Operand.Read("outputGradient", SkippingForward.OutputOf(input, step)),
            Operand.Overwritten("inputGradient", input),
        ]
    )
{
    /// <summary>Rows and columns from one that is kept to the next.</summary>
    public Size2 Step => step;
}

using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>g ← min(max(g, −limit), limit) for each element; NaN stays NaN.</summary>
/// <remarks>The scalar <c>limit</c> is finite as float32 and above 0.</remarks>
/// <param name="shape">The gradient's sizes.</param>
public sealed class GradientClamp(Shape shape)
    : Operation("clipping", 1, [Operand.Updated("gradient", shape)], ["limit"])
{
    /// <inheritdoc/>
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars) =>
        NumberRange.AboveZeroAsSingle(scalars[0], "limit");
}

using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// A term of the loss, strength · Σ_ij |α_ij|, of the shares α_ij = exp c_ij / Σ_l exp c_lj that a learned combination
/// of maps has, with the gradient strength · (|α_ij| − α_ij Σ_l |α_lj|) with respect to c.
/// </summary>
/// <remarks>
/// J. Bouvrie, "Notes on convolutional neural networks", 2006, equations 11 to 14. As the shares of an output map are
/// positive and sum to 1, the term is strength · O whatever c is, and its gradient 0 but for rounding. Operands:
/// <c>values</c> c, <c>gradient</c>, which is added to, and <c>sum</c> 1×1×1×1. The scalar <c>strength</c> is finite
/// and 0 or more.
/// </remarks>
/// <param name="shape">O×1×1×C of c and its gradient: a row for each output map.</param>
public sealed class CombinationSparsity(Shape shape)
    : Operation(
        "penalty",
        shape.Count,
        [
            Operand.Read("values", shape),
            Operand.Accumulated("gradient", shape) with
            {
                SumLength = 4,
            },
            Operand.Overwritten("sum", Shape.Vector(1, 1)),
        ],
        ["strength"]
    )
{
    /// <inheritdoc/>
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        double strength = scalars[0];
        if (!(strength >= 0 && float.IsFinite((float)strength)))
            throw new ArgumentOutOfRangeException(
                nameof(scalars),
                $"CombinationSparsity: the strength is a finite float32 and not below 0; got {strength}."
            );
    }
}

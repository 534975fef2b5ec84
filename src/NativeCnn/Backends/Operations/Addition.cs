using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>s = f(a + b), element by element.</summary>
/// <param name="shape">N×H×W×C of every operand.</param>
/// <param name="joinsGradients">Whether it joins the gradients of an activation that several layers read.</param>
/// <param name="activation">f; identity by default.</param>
/// <exception cref="ArgumentOutOfRangeException">
/// There is no such activation, or a constant of it is not allowed.
/// </exception>
public sealed class Addition(Shape shape, bool joinsGradients = false, Activation activation = default)
    : Operation(
        joinsGradients ? "join gradients" : "forward",
        // The sum is the nearest float in any case.
        activation.SumLength == 0
            ? 0
            : 2 + activation.SumLength,
        [Operand.Read("left", shape), Operand.Read("right", shape), Operand.Overwritten("sum", shape, mayBe: "left")]
    )
{
    /// <summary>f.</summary>
    public Activation Activation { get; } = activation.Checked(nameof(activation));
}

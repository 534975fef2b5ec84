using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>s = a + b, element by element.</summary>
/// <param name="shape">N×H×W×C of every operand.</param>
/// <param name="joinsGradients">Whether it joins the gradients of an activation that several layers read.</param>
public sealed class Addition(Shape shape, bool joinsGradients = false)
    : Operation(
        joinsGradients ? "join gradients" : "forward",
        0,
        [Operand.Read("left", shape), Operand.Read("right", shape), Operand.Overwritten("sum", shape, mayBe: "left")]
    );

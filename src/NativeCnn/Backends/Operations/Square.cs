using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// y = x², element by element: with squared weights and squared inputs, the passes that propagate a gradient propagate
/// the diagonal of second derivatives. NaN and infinity propagate.
/// </summary>
/// <param name="shape">N×H×W×C of both operands.</param>
public sealed class Square(Shape shape)
    : Operation(
        "backward-data",
        1,
        [Operand.Read("input", shape), Operand.Overwritten("output", shape, mayBe: "input")]
    );

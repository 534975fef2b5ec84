using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>p_c = exp(z_c) / Σ_d exp(z_d) over the values of each example, whatever their shape.</summary>
/// <param name="shape">N×H×W×C of both operands.</param>
public sealed class SoftmaxForward(Shape shape)
    : Operation(
        "forward",
        shape.ElementsPerExample,
        [Operand.Read("input", shape), Operand.Overwritten("output", shape, mayBe: "input")]
    );

/// <summary>
/// dz_c = p_c (g_c − Σ_d p_d g_d) over the values of each example, from the output p and its gradient g.
/// </summary>
/// <param name="shape">N×H×W×C of every operand.</param>
public sealed class SoftmaxBackward(Shape shape)
    : Operation(
        "backward-data",
        shape.ElementsPerExample,
        [
            Operand.Read("output", shape),
            Operand.Read("outputGradient", shape),
            Operand.Overwritten("inputGradient", shape),
        ]
    );

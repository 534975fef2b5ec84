using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>v_i = x_i − Σ_j K ∗ x_j: the mean over a Gaussian window and all maps is taken away.</summary>
/// <param name="window">K.</param>
/// <param name="shape">N×H×W×C of both operands.</param>
public sealed class SubtractiveNormForward(GaussianWindow window, Shape shape)
    : Operation(
        "forward",
        (long)window.Size * window.Size * shape.Channels + 4,
        [Operand.Read("input", shape), Operand.Overwritten("output", shape, mayBe: "input")]
    )
{
    /// <summary>K.</summary>
    public GaussianWindow Window => window;
}

/// <summary>dx_i = dv_i − Kᵀ ∗ Σ_j dv_j: the adjoint, each place's weights being those that forward gave it.</summary>
/// <param name="window">K.</param>
/// <param name="shape">N×H×W×C of both operands.</param>
public sealed class SubtractiveNormBackward(GaussianWindow window, Shape shape)
    : Operation(
        "backward-data",
        (long)window.Size * window.Size * shape.Channels + 4,
        [Operand.Read("outputGradient", shape), Operand.Overwritten("inputGradient", shape, mayBe: "outputGradient")]
    )
{
    /// <summary>K.</summary>
    public GaussianWindow Window => window;
}

using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// y = a_c x, or, where the positive is kept, y = x where x &gt; 0 and else a_c x: PReLU (He et al. 2015). The factors
/// are learned, one per channel or one in all; NaN stays NaN.
/// </summary>
/// <remarks>Operands: <c>input</c> N×H×W×C, <c>factors</c> 1×1×1×C or 1×1×1×1, and <c>output</c>.</remarks>
/// <param name="shape">N×H×W×C of input and output.</param>
/// <param name="isShared">Whether all channels have one factor.</param>
/// <param name="keepsPositive">Whether only what is not positive is scaled.</param>
public sealed class ChannelScaleForward(Shape shape, bool isShared, bool keepsPositive)
    : Operation(
        "forward",
        1,
        [
            Operand.Read("input", shape),
            Operand.Read("factors", Shape.Vector(1, isShared ? 1 : shape.Channels)),
            Operand.Overwritten("output", shape, mayBe: "input"),
        ]
    )
{
    /// <summary>Whether all channels have one factor.</summary>
    public bool IsShared => isShared;

    /// <summary>Whether only what is not positive is scaled.</summary>
    public bool KeepsPositive => keepsPositive;
}

/// <summary>
/// dx = a_c dy and da_c += Σ x dy over batch and positions (and channels, where the factor is shared); where the
/// positive is kept, dx = dy where x &gt; 0, and such x add nothing to da.
/// </summary>
/// <remarks>
/// Operands: <c>input</c>, <c>factors</c> and <c>outputGradient</c>, which are read, <c>inputGradient</c>, and
/// <c>factorGradient</c>.
/// </remarks>
/// <param name="shape">N×H×W×C of the input and of both its gradients.</param>
/// <param name="isShared">Whether all channels have one factor.</param>
/// <param name="keepsPositive">Whether only what is not positive is scaled.</param>
/// <param name="wantsInputGradient">Whether the gradient of the input is wanted, or that of the factors alone.</param>
public sealed class ChannelScaleBackward(Shape shape, bool isShared, bool keepsPositive, bool wantsInputGradient)
    : Operation(
        "backward-weights",
        // The terms of a factor's sum, and what was there.
        (isShared ? shape.Count : shape.PixelCount) + 1L,
        [
            Operand.Read("input", shape),
            Operand.Read("factors", Shape.Vector(1, isShared ? 1 : shape.Channels)),
            Operand.Read("outputGradient", shape),
            Operand.Overwritten("inputGradient", shape, wantsInputGradient, mayBe: "outputGradient") with
            {
                SumLength = 1,
            },
            Operand.Accumulated("factorGradient", Shape.Vector(1, isShared ? 1 : shape.Channels)),
        ]
    )
{
    /// <summary>Whether all channels have one factor.</summary>
    public bool IsShared => isShared;

    /// <summary>Whether only what is not positive is scaled.</summary>
    public bool KeepsPositive => keepsPositive;
}

using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// Dropout of whole maps: y[n,y,x,c] = 0 where the step's mask drops element n·C + c, whatever it was, an infinity and
/// a NaN too; else x[n,y,x,c] / (1 − p). Of gradients it is the backward pass.
/// </summary>
/// <param name="options">The mask, that of <see cref="Dropout"/> of N×1×1×C.</param>
/// <param name="shape">N×H×W×C of both operands.</param>
/// <param name="isBackward">Whether it is the backward pass, which only the profile cares about.</param>
/// <remarks>
/// The scalar <c>step</c> is the number of the training step, whole and 0 or more: every step has a mask of its own.
/// Source: J. Tompson et al., "Efficient object localization using convolutional networks", 2015.
/// </remarks>
public sealed class SpatialDropout(DropoutOptions options, Shape shape, bool isBackward = false)
    : Operation(
        isBackward ? "backward-data" : "forward",
        0,
        [Operand.Read("input", shape), Operand.Overwritten("output", shape, mayBe: "input")],
        ["step"]
    )
{
    /// <summary>The mask.</summary>
    public DropoutOptions Options => options;

    /// <inheritdoc/>
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars) =>
        DropoutOptions.CheckStep(this, scalars);
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Losses;

/// <summary>
/// Squared error factor · Σ_c (y_c − t_c)² against values, or against one-of-c targets made from classes. With
/// <paramref name="factor"/> ½ the gradient is y − t.
/// </summary>
/// <remarks>Source: [004] section 2 (½); [001] (1).</remarks>
/// <param name="factor">½ (the default, [004]) or 1 ([001]).</param>
/// <param name="low">The target of every class but the label: 0 by default; −1 for tanh outputs.</param>
/// <param name="high">The target of the label's class: 1 by default.</param>
/// <exception cref="ArgumentOutOfRangeException">
/// The factor is neither, or a target is not finite as float32.
/// </exception>
public sealed class SquaredError(double factor = 0.5, double low = 0, double high = 1) : Loss
{
    private readonly double _factor = factor is 0.5 or 1
        ? factor
        : throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor is 0.5 or 1.");
    private readonly double _low = NumberRange.Finite(low, nameof(low));
    private readonly double _high = NumberRange.Finite(high, nameof(high));

    /// <inheritdoc/>
    public override LossOperation Declare(Shape output, TargetKind targets, bool wantsGradient) =>
        new Backends.Operations.SquaredError(output, _factor, wantsGradient);

    /// <inheritdoc/>
    public override LossSecondDerivatives DeclareSecondDerivatives(Shape output) =>
        new SquaredErrorSecondDerivatives(output, _factor);

    /// <summary>Writes <c>high</c> at each label's place and <c>low</c> elsewhere.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class.</exception>
    public override void WriteLabels(ReadOnlySpan<int> labels, Tensor targets) =>
        OneOfClasses.Write(labels, targets, _low, _high);
}

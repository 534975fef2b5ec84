using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Losses;

/// <summary>
/// Huber's loss, which outliers pull on with δ at most: Σ_c ½ d² where |d| ≤ δ and Σ_c δ (|d| − ½ δ) elsewhere,
/// d = y_c − t_c, against values, or against one-of-c targets made from classes. The gradient is d within ±δ.
/// </summary>
/// <remarks>
/// <para>The sum over the outputs, as of the other losses here; PyTorch's HuberLoss takes their mean.</para>
/// <para>Source: P. J. Huber, "Robust estimation of a location parameter", 1964.</para>
/// </remarks>
/// <param name="delta">δ, above 0; 1 by default.</param>
/// <param name="low">The target of every class but the label: 0 by default; −1 for tanh outputs.</param>
/// <param name="high">The target of the label's class: 1 by default.</param>
/// <exception cref="ArgumentOutOfRangeException">
/// δ is not above 0, or a number is not finite as float32.
/// </exception>
public sealed class HuberLoss(double delta = 1, double low = 0, double high = 1) : Loss
{
    private readonly double _delta = NumberRange.AboveZeroAsSingle(delta, nameof(delta));
    private readonly double _low = NumberRange.Finite(low, nameof(low));
    private readonly double _high = NumberRange.Finite(high, nameof(high));

    /// <inheritdoc/>
    public override LossOperation Declare(Shape output, TargetKind targets, bool wantsGradient) =>
        new Backends.Operations.HuberLoss(output, _delta, wantsGradient);

    /// <summary>Writes <c>high</c> at each label's place and <c>low</c> elsewhere.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class.</exception>
    public override void WriteLabels(ReadOnlySpan<int> labels, Tensor targets) =>
        OneOfClasses.Write(labels, targets, _low, _high);
}

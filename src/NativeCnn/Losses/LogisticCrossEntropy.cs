using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Losses;

/// <summary>
/// Logistic cross-entropy of logits z, each a yes or no of its own: Σ_c log(1 + exp z_c) − t_c z_c, fused and stable;
/// the gradient is σ(z) − t. Targets are values from 0 to 1, or classes: 1 for the label's output and 0 for the others.
/// </summary>
/// <remarks>
/// <para>The sum over the outputs, as of the other losses here; PyTorch's BCEWithLogitsLoss takes their mean.</para>
/// <para>Source: C. Bishop, "Pattern recognition and machine learning", 2006, section 4.3.2.</para>
/// </remarks>
public sealed class LogisticCrossEntropy : Loss
{
    /// <inheritdoc/>
    public override LossOperation Declare(Shape output, TargetKind targets, bool wantsGradient) =>
        new Backends.Operations.LogisticCrossEntropy(output, wantsGradient);

    /// <inheritdoc/>
    public override LossSecondDerivatives DeclareSecondDerivatives(Shape output) =>
        new LogisticCrossEntropySecondDerivatives(output);

    /// <summary>Writes 1 at each label's place and 0 elsewhere.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class.</exception>
    public override void WriteLabels(ReadOnlySpan<int> labels, Tensor targets) =>
        OneOfClasses.Write(labels, targets, 0, 1);
}

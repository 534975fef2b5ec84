using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Losses;

/// <summary>
/// Softmax cross-entropy of logits z: log Σ_c exp z_c − z_label, or − Σ_c t_c z_c for probabilities t, fused and
/// stable; the gradient is softmax(z) − onehot(label), or − t. Targets are classes or probabilities.
/// </summary>
public sealed class SoftmaxCrossEntropy : Loss
{
    /// <inheritdoc/>
    public override LossOperation Declare(Shape output, TargetKind targets, bool wantsGradient) =>
        targets == TargetKind.Values
            ? throw NotDefinedFor(targets)
            : new Backends.Operations.SoftmaxCrossEntropy(output, targets == TargetKind.Probabilities, wantsGradient);
}

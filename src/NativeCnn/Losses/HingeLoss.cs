using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Losses;

/// <summary>
/// Multi-class hinge, which is content once the label's output is larger than the others by 1:
/// 1/C · Σ_c max(0, 1 − y_label + y_c) over the other classes, as PyTorch's MultiMarginLoss. Targets are classes.
/// </summary>
/// <remarks>Source: J. Weston, C. Watkins, "Support vector machines for multi-class pattern recognition",
/// 1999.</remarks>
public sealed class HingeLoss : Loss
{
    /// <inheritdoc/>
    public override LossOperation Declare(Shape output, TargetKind targets, bool wantsGradient) =>
        targets == TargetKind.Classes
            ? new Backends.Operations.HingeLoss(output, wantsGradient)
            : throw NotDefinedFor(targets);
}

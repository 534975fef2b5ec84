using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Losses;

/// <summary>
/// What training minimises: names the operation that computes a number per example from a network's output and the
/// targets, and its gradient. A loss of one's own declares a <see cref="LossOperation"/> of its own, for which some
/// backend has a kernel.
/// </summary>
public abstract class Loss
{
    /// <summary>The operation for an output and targets of a kind.</summary>
    /// <param name="output">N×H×W×C of the network's output.</param>
    /// <param name="targets">What the targets are.</param>
    /// <param name="wantsGradient">Whether the gradient is wanted; if not, only the losses are.</param>
    /// <exception cref="NotSupportedException">The loss is not defined for such targets.</exception>
    public abstract LossOperation Declare(Shape output, TargetKind targets, bool wantsGradient);

    /// <summary>
    /// The operation that computes the diagonal of the second derivatives by the output, for
    /// optimisers that scale each weight's step by its curvature. Optional: a loss without it refuses.
    /// </summary>
    /// <param name="output">N×H×W×C of the network's output.</param>
    /// <exception cref="NotSupportedException">The loss has none; the message names it.</exception>
    public virtual LossSecondDerivatives DeclareSecondDerivatives(Shape output) =>
        throw new NotSupportedException($"{GetType().Name} has no second derivatives: train it with --optimizer sgd.");

    /// <summary>
    /// Writes class indices as the operation's targets: as they are, unless the loss turns them into something else.
    /// </summary>
    /// <param name="labels">A class index per example that counts.</param>
    /// <param name="targets">The operation's target operand, for the whole batch.</param>
    public virtual void WriteLabels(ReadOnlySpan<int> labels, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        using TensorHold hold = targets.Hold();
        Span<int> written = targets.AsSpan<int>();
        labels.CopyTo(written);
        written[labels.Length..].Clear();
    }

    /// <summary>
    /// What the summed loss is divided by for its mean: the number of examples that count, unless they weigh
    /// differently.
    /// </summary>
    /// <param name="targets">The targets of the examples.</param>
    public virtual double WeightOf(Targets targets) => targets.Count;

    /// <summary>The loss, ready to be evaluated for outputs of a shape.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="output">N×H×W×C of the network's output.</param>
    /// <param name="targets">What the targets will be.</param>
    /// <param name="wantsGradient">Whether the gradient is wanted.</param>
    /// <exception cref="NotSupportedException">
    /// The loss is not defined for such targets, or the backend has no kernel for it.
    /// </exception>
    public PreparedLoss Prepare(
        Backend backend,
        Shape output,
        TargetKind targets = TargetKind.Classes,
        bool wantsGradient = true
    )
    {
        ArgumentNullException.ThrowIfNull(backend);
        if (!Enum.IsDefined(targets))
            throw new ArgumentOutOfRangeException(nameof(targets), targets, "There are no such targets.");
        return new PreparedLoss(this, backend, Declare(output, targets, wantsGradient), targets);
    }

    /// <summary>What a loss says of targets that it is not defined for.</summary>
    protected NotSupportedException NotDefinedFor(TargetKind targets) =>
        new($"{GetType().Name} is not defined for targets that are {targets}.");
}

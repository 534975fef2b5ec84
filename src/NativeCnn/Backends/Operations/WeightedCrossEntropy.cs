using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// Softmax cross-entropy with label smoothing ε and class weights w: with u_c = w_c ((1 − ε) t_c + ε / C) the loss of
/// an example is −Σ_c u_c log p_c, p = softmax z, and the gradient scale · (p_c Σ_d u_d − u_c).
/// </summary>
/// <remarks>
/// The targets t are rows of probabilities, as of <see cref="SoftmaxCrossEntropy"/>; a label is a row of one 1. As
/// PyTorch's cross_entropy. C. Szegedy et al., "Rethinking the inception architecture", 2016 (smoothing).
/// </remarks>
public sealed class WeightedCrossEntropy : LossOperation
{
    /// <summary>The loss of logits.</summary>
    /// <param name="logits">N×1×1×C of the output z, of the targets t and of the gradient.</param>
    /// <param name="smoothing">ε, 0 to 1.</param>
    /// <param name="classWeights">w, C of them, each finite and above 0; null for 1 each.</param>
    /// <param name="wantsGradient">Whether the gradient is written.</param>
    /// <exception cref="ShapeException">The logits are no vectors, or there are not C weights.</exception>
    /// <exception cref="ArgumentOutOfRangeException">ε or a weight is out of range.</exception>
    public WeightedCrossEntropy(Shape logits, double smoothing, IReadOnlyList<double>? classWeights, bool wantsGradient)
        : base(logits.Channels, logits, Operand.Read("targets", logits), wantsGradient)
    {
        if (logits != Shape.Vector(logits.BatchSize, logits.Channels))
            throw new ShapeException($"WeightedCrossEntropy: logits are N×1×1×C; got {logits}.");
        Smoothing = NumberRange.Share(smoothing, nameof(smoothing));
        ClassWeights = [.. classWeights ?? [.. Enumerable.Repeat(1.0, logits.Channels)]];
        if (ClassWeights.Count != logits.Channels)
            throw new ShapeException(
                $"WeightedCrossEntropy: there are {ClassWeights.Count} class weights for the {logits.Channels} classes of {logits}."
            );
        foreach (double weight in ClassWeights)
            NumberRange.AboveZeroAsSingle(weight, nameof(classWeights));
    }

    /// <summary>ε: what part of a target all classes share.</summary>
    public double Smoothing { get; }

    /// <summary>w: how much each class counts.</summary>
    public IReadOnlyList<double> ClassWeights { get; }

    /// <inheritdoc/>
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        base.CheckValues(operands, scalars);
        TargetChecks.Probabilities(nameof(WeightedCrossEntropy), Output, operands[1]!, (int)scalars[1]);
    }
}

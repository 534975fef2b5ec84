using System.Numerics;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Losses;

/// <summary>
/// Softmax cross-entropy of logits z: log Σ_c exp z_c − z_label, or − Σ_c t_c log softmax(z)_c for probabilities t,
/// fused and stable; the gradient is softmax(z) − onehot(label), or − t. Targets are classes or probabilities.
/// </summary>
/// <remarks>
/// <para>With <see cref="Smoothing"/> ε and <see cref="ClassWeights"/> w it is −Σ_c w_c ((1 − ε) t_c + ε / C) log
/// softmax(z)_c. The mean over examples is the sum of that divided by the sum of the weights used, Σ_n Σ_c w_c t_nc,
/// which is the sum of the labels' weights: so in training, where it scales the gradient, and in evaluation. With
/// labels that is PyTorch's cross_entropy; with probabilities and weights PyTorch divides by the number of
/// examples.</para>
/// <para>Source: [001], whose formula lacks the minus sign; C. Szegedy et al., "Rethinking the Inception architecture
/// for computer vision", 2016 (smoothing).</para>
/// </remarks>
public sealed class SoftmaxCrossEntropy : Loss
{
    private readonly double[]? _weights;

    /// <summary>ε, 0 to 1: what part of a target all classes share alike; 0 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public double Smoothing
    {
        get;
        init => field = NumberRange.Share(value);
    }

    /// <summary>w: how much the examples of each class count, each above 0; null, the default, for all alike.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A weight is not above 0 or not finite as float32.</exception>
    public IReadOnlyList<double>? ClassWeights
    {
        get => _weights;
        init
        {
            foreach (double weight in value ?? [])
                NumberRange.AboveZeroAsSingle(weight);
            _weights = value is null ? null : [.. value];
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">There is not a weight per class.</exception>
    public override LossOperation Declare(Shape output, TargetKind targets, bool wantsGradient)
    {
        if (targets == TargetKind.Values)
            throw NotDefinedFor(targets);
        return Smoothing == 0 && _weights is null
            ? new Backends.Operations.SoftmaxCrossEntropy(output, targets == TargetKind.Probabilities, wantsGradient)
            : new WeightedCrossEntropy(output, Smoothing, _weights, wantsGradient);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">There are class weights: they depend on targets.</exception>
    public override LossSecondDerivatives DeclareSecondDerivatives(Shape output) =>
        _weights is null
            ? new SoftmaxCrossEntropySecondDerivatives(output)
            : throw new NotSupportedException(
                "SoftmaxCrossEntropy with class weights has no second derivatives: train it with --optimizer sgd."
            );

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class.</exception>
    public override void WriteLabels(ReadOnlySpan<int> labels, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        if (targets.Type == ElementType.Int32)
            base.WriteLabels(labels, targets);
        else
            OneOfClasses.Write(labels, targets, 0, 1);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class.</exception>
    public override double WeightOf(Targets targets)
    {
        if (_weights is null)
            return targets.Count;
        if (targets.Tensor is { } rows)
            return WeightOf(rows, targets.Count);
        OneOfClasses.Check(targets.Labels, _weights.Length);
        double sum = 0;
        foreach (int label in targets.Labels)
            sum += _weights[label];
        return sum;
    }

    private double WeightOf(Tensor rows, int count)
    {
        using TensorHold hold = rows.Hold();
        return rows.Type == ElementType.Float64
            ? Sum<double>(rows.AsSpan<double>(), count)
            : Sum<float>(rows.Span, count);
    }

    private double Sum<T>(ReadOnlySpan<T> rows, int count)
        where T : IFloatingPointIeee754<T>
    {
        double sum = 0;
        for (int k = 0; k < Math.Min(rows.Length, count * _weights!.Length); k++)
            sum += _weights[k % _weights.Length] * double.CreateTruncating(rows[k]);
        return sum;
    }
}

using System.Numerics;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Losses;

/// <summary>
/// A loss with its kernel and its memory: made by <see cref="Loss.Prepare"/>. Evaluating it allocates nothing.
/// </summary>
public sealed class PreparedLoss : IDisposable
{
    private readonly Loss _loss;
    private readonly Kernel _kernel;
    private readonly Tensor _targets;
    private readonly Tensor _losses;
    private readonly ExclusiveUse _use = new(() => "prepared loss");

    internal PreparedLoss(Loss loss, Backend backend, LossOperation operation, TargetKind targets)
    {
        _loss = loss;
        _kernel = backend.Prepare(operation);
        Kind = targets;
        Operand declared = operation.Operands[1];
        _targets = new Tensor(declared.Shape, declared.TypeOn(backend.ElementType));
        _losses = new Tensor(operation.Operands[2].Shape, backend.ElementType);
    }

    /// <summary>What the targets have to be.</summary>
    public TargetKind Kind { get; }

    /// <summary>What computes the loss.</summary>
    internal Kernel Kernel => _kernel;

    /// <summary>The loss summed over the examples that count.</summary>
    /// <param name="output">The network's output.</param>
    /// <param name="targets">What it should have been.</param>
    /// <param name="scale">What the gradient is multiplied by: 1 / <see cref="Loss.WeightOf"/> for a mean.</param>
    /// <param name="outputGradient">
    /// Receives the gradient, zero for examples that do not count; null where it is not wanted.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The targets are of another kind or do not fit the output; nothing was computed.
    /// </exception>
    public double Evaluate(Tensor output, Targets targets, double scale, Tensor? outputGradient) =>
        AddTo(0, output, targets, scale, outputGradient);

    /// <summary>
    /// A sum to which the loss of each example that counts is added in turn, in float64: over several batches it does
    /// not depend on where one ends.
    /// </summary>
    internal double AddTo(double sum, Tensor output, Targets targets, double scale, Tensor? outputGradient)
    {
        using ExclusiveUse.Scope use = _use.Hold();
        CheckTargets(targets);
        using TensorHold hold = _losses.Hold();
        Tensor target = _targets;
        if (targets.Tensor is null)
            _loss.WriteLabels(targets.Labels, _targets);
        else if (targets.Tensor.Type == _targets.Type && targets.Tensor.Shape == _targets.Shape)
            target = targets.Tensor;
        else
            targets.Tensor.CopyTo(_targets);
        _kernel.Run([output, target, _losses, outputGradient], [scale, targets.Count]);
        return _losses.Type == ElementType.Float64
            ? Add<double>(sum, _losses.AsSpan<double>()[..targets.Count])
            : Add<float>(sum, _losses.Span[..targets.Count]);
    }

    /// <inheritdoc cref="Loss.WeightOf"/>
    internal double WeightOf(Targets targets) => _loss.WeightOf(targets);

    /// <summary>Refuses targets of another kind, and more of them than the output has examples.</summary>
    internal void CheckTargets(Targets targets)
    {
        if (targets.Kind != Kind)
            throw new ArgumentException(
                $"The loss was prepared for targets that are {Kind}; they are {targets.Kind}.",
                nameof(targets)
            );
        if (targets.Count > _losses.Count)
            throw new ShapeException($"There are {targets.Count} targets for a batch of {_losses.Count} examples.");
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        if (!_use.Close())
            return;
        _targets.Dispose();
        _losses.Dispose();
    }

    private static double Add<T>(double sum, ReadOnlySpan<T> losses)
        where T : IFloatingPointIeee754<T>
    {
        foreach (T loss in losses)
            sum += double.CreateTruncating(loss);
        return sum;
    }
}

// A loss: it names its operation, which says how targets are compared with outputs, and a kernel computes both loss
// and gradient.
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Losses;
using NativeCnn.Tensors;

namespace Extensions;

/// <summary>
/// One logistic unit per class, that of the label to be 1 and the others 0: Σ_c log(1 + exp z_c) − z_label. Unlike
/// softmax it can say "none of these".
/// </summary>
public sealed class LogisticCrossEntropy : Loss
{
    public override LossOperation Declare(Shape output, TargetKind targets, bool wantsGradient) =>
        targets == TargetKind.Classes
            ? new LogisticCrossEntropyLoss(output, wantsGradient)
            : throw NotDefinedFor(targets);
}

/// <summary>
/// The loss of an example is Σ_c log(1 + exp z_c) − z_label, the gradient scale · (1 / (1 + exp −z_c) − [c is the
/// label]).
/// </summary>
public sealed class LogisticCrossEntropyLoss(Shape logits, bool wantsGradient)
    : LossOperation(
        logits.ElementsPerExample,
        logits,
        Operand.Read("targets", Shape.Vector(logits.BatchSize, 1)) with
        {
            Type = ElementType.Int32,
        },
        wantsGradient
    )
{
    protected override void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        base.CheckValues(operands, scalars);
        foreach (int label in operands[1]!.AsSpan<int>()[..(int)scalars[1]])
        {
            if ((uint)label >= (uint)Output.ElementsPerExample)
                throw new ArgumentOutOfRangeException(nameof(operands), $"{Name}: {label} is no class of {Output}.");
        }
    }
}

internal sealed class LogisticCrossEntropyKernel(Backend backend, LogisticCrossEntropyLoss operation)
    : PlainKernel(backend, operation)
{
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> z = Elements<T>(operands[0]);
        ReadOnlySpan<int> labels = Elements<int>(operands[1]);
        Span<T> losses = Elements<T>(operands[2]);
        Span<T> dz = Elements<T>(operands[3]);
        T scale = T.CreateTruncating(scalars[0]);
        int count = (int)scalars[1];
        int classes = z.Length / losses.Length;
        // Examples that do not count keep these zeros.
        losses.Clear();
        dz.Clear();
        for (int k = 0; k < count * classes; k++)
        {
            (int n, int c) = Math.DivRem(k, classes);
            T target = c == labels[n] ? T.One : T.Zero;
            // log(1 + exp z) = max(0, z) + log(1 + exp −|z|), whose exp does not overflow
            losses[n] += T.Max(z[k], T.Zero) + T.LogP1(T.Exp(-T.Abs(z[k]))) - target * z[k];
            if (!dz.IsEmpty)
                dz[k] = scale * (T.One / (T.One + T.Exp(-z[k])) - target);
        }
    }
}

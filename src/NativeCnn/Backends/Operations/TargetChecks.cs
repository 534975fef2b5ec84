using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>Refuses targets that mean nothing, of the examples that count.</summary>
internal static class TargetChecks
{
    // What may be missing of a sum of probabilities, or too much.
    private const double SumTolerance = 1e-4;

    /// <summary>Labels are 0 to C − 1 of logits N×1×1×C.</summary>
    public static void Labels(string operation, Shape logits, Tensor targets, int count)
    {
        ReadOnlySpan<int> labels = targets.AsSpan<int>();
        for (int n = 0; n < count; n++)
        {
            if (labels[n] < 0 || labels[n] >= logits.Channels)
                throw new ArgumentOutOfRangeException(
                    nameof(targets),
                    $"{operation}: label {n} is {labels[n]}; "
                        + $"logits of {logits} have classes 0 to {logits.Channels - 1}."
                );
        }
    }

    /// <summary>Rows of probabilities are 0 or more and sum to 1.</summary>
    public static void Probabilities(string operation, Shape logits, Tensor targets, int count)
    {
        if (targets.Type == ElementType.Float32)
            Probabilities<float>(operation, logits.Channels, targets.AsSpan<float>(), count);
        else
            Probabilities<double>(operation, logits.Channels, targets.AsSpan<double>(), count);
    }

    /// <summary>Values are from 0 to 1.</summary>
    public static void Shares(string operation, Tensor targets, int count)
    {
        int length = count * targets.Shape.ElementsPerExample;
        if (targets.Type == ElementType.Float32)
            Shares<float>(operation, targets.Shape.ElementsPerExample, targets.AsSpan<float>()[..length]);
        else
            Shares<double>(operation, targets.Shape.ElementsPerExample, targets.AsSpan<double>()[..length]);
    }

    private static void Probabilities<T>(string operation, int classes, ReadOnlySpan<T> targets, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int n = 0; n < count; n++)
        {
            double sum = 0;
            for (int c = 0; c < classes; c++)
            {
                double t = double.CreateTruncating(targets[n * classes + c]);
                if (!(t >= 0))
                    throw new ArgumentOutOfRangeException(
                        nameof(targets),
                        $"{operation}: row {n} of the targets has {t} for class {c}; that is no probability."
                    );
                sum += t;
            }
            if (!(Math.Abs(sum - 1) <= SumTolerance))
                throw new ArgumentOutOfRangeException(
                    nameof(targets),
                    $"{operation}: row {n} of the targets sums to {sum}; probabilities sum to 1."
                );
        }
    }

    private static void Shares<T>(string operation, int length, ReadOnlySpan<T> targets)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int k = 0; k < targets.Length; k++)
        {
            if (!(targets[k] >= T.Zero && targets[k] <= T.One))
                throw new ArgumentOutOfRangeException(
                    nameof(targets),
                    $"{operation}: the targets of example {k / length} hold {targets[k]}; they are from 0 to 1."
                );
        }
    }
}

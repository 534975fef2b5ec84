using NativeCnn.Tensors;

namespace NativeCnn.Losses;

/// <summary>Class indices as rows of values.</summary>
internal static class OneOfClasses
{
    /// <summary>Writes a value at each label's place and another elsewhere; rows without a label are all others.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class.</exception>
    public static void Write(ReadOnlySpan<int> labels, Tensor targets, double low, double high)
    {
        ArgumentNullException.ThrowIfNull(targets);
        int classes = targets.Shape.ElementsPerExample;
        Check(labels, classes);
        using TensorHold hold = targets.Hold();
        if (targets.Type == ElementType.Float64)
            Write(labels, targets.AsSpan<double>(), classes, low, high);
        else
            Write(labels, targets.Span, classes, (float)low, (float)high);
    }

    /// <summary>Refuses labels that are no class.</summary>
    public static void Check(ReadOnlySpan<int> labels, int classes)
    {
        foreach (int label in labels)
        {
            if (label < 0 || label >= classes)
                throw new ArgumentOutOfRangeException(
                    nameof(labels),
                    $"Label {label} is not one of {classes} classes."
                );
        }
    }

    private static void Write<T>(ReadOnlySpan<int> labels, Span<T> targets, int classes, T low, T high)
    {
        targets.Fill(low);
        for (int n = 0; n < labels.Length; n++)
            targets[n * classes + labels[n]] = high;
    }
}

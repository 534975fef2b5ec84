using NativeCnn.Tensors;

namespace NativeCnn.Losses;

/// <summary>What the targets of a loss are.</summary>
public enum TargetKind
{
    /// <summary>A class index per example.</summary>
    Classes,

    /// <summary>As many values per example as the network's output has.</summary>
    Values,

    /// <summary>A probability per class and example: rows that sum to 1.</summary>
    Probabilities,
}

/// <summary>What a network's output should have been, for a batch of examples.</summary>
public readonly ref struct Targets
{
    private Targets(TargetKind kind, ReadOnlySpan<int> labels, Tensor? tensor, int count)
    {
        Kind = kind;
        Labels = labels;
        Tensor = tensor;
        Count = count;
    }

    /// <summary>What they are.</summary>
    public TargetKind Kind { get; }

    /// <summary>The class indices; empty for other kinds.</summary>
    public ReadOnlySpan<int> Labels { get; }

    /// <summary>The values or probabilities, N×H×W×C as the output; null for classes.</summary>
    public Tensor? Tensor { get; }

    /// <summary>How many examples count; those after them do not.</summary>
    public int Count { get; }

    /// <summary>A class index per example that counts.</summary>
    public static Targets Classes(ReadOnlySpan<int> labels) => new(TargetKind.Classes, labels, null, labels.Length);

    /// <summary>Values, as many as the output has.</summary>
    /// <param name="values">N×H×W×C.</param>
    /// <param name="count">How many examples count, 0 to N; all if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 0.</exception>
    public static Targets Values(Tensor values, int? count = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new Targets(TargetKind.Values, default, values, CountOf(values, count));
    }

    /// <summary>Rows of probabilities that sum to 1.</summary>
    /// <param name="rows">N×1×1×C.</param>
    /// <param name="count">How many examples count, 0 to N; all if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 0.</exception>
    public static Targets Probabilities(Tensor rows, int? count = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new Targets(TargetKind.Probabilities, default, rows, CountOf(rows, count));
    }

    private static int CountOf(Tensor rows, int? count)
    {
        if (count < 0)
            throw new ArgumentOutOfRangeException(nameof(count), $"{count} targets cannot count.");
        return count ?? rows.Shape.BatchSize;
    }
}

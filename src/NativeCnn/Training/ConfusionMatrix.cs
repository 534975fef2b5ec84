namespace NativeCnn.Training;

/// <summary>How often examples of each class were taken for each class.</summary>
public sealed class ConfusionMatrix
{
    private readonly int[] _counts;

    /// <summary>An empty matrix.</summary>
    /// <param name="classNames">The classes' names.</param>
    public ConfusionMatrix(IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        ClassNames = classNames;
        _counts = new int[classNames.Count * classNames.Count];
    }

    /// <summary>The classes' names.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>
    /// How many examples of class <paramref name="actual"/> were taken for <paramref name="predicted"/>.
    /// </summary>
    public int Count(int actual, int predicted) => _counts[Index(actual, predicted)];

    /// <summary>Counts one example.</summary>
    public void Add(int actual, int predicted) => _counts[Index(actual, predicted)]++;

    private int Index(int actual, int predicted)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(actual);
        ArgumentOutOfRangeException.ThrowIfNegative(predicted);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(actual, ClassNames.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(predicted, ClassNames.Count);
        return actual * ClassNames.Count + predicted;
    }
}

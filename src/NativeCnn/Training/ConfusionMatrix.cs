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

    /// <summary>How many examples of a class there were.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public long Examples(int actual)
    {
        long sum = 0;
        for (int predicted = 0; predicted < ClassNames.Count; predicted++)
            sum += Count(actual, predicted);
        return sum;
    }

    /// <summary>
    /// Which share of a class's examples was taken for it, 0 to 1; null for a class without examples.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double? Recall(int actual) =>
        Examples(actual) is > 0 and var all ? (double)Count(actual, actual) / all : null;

    /// <summary>
    /// Which share of the examples that were taken for a class are of it, 0 to 1; null where none was.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double? Precision(int predicted)
    {
        long sum = 0;
        for (int actual = 0; actual < ClassNames.Count; actual++)
            sum += Count(actual, predicted);
        return sum > 0 ? (double)Count(predicted, predicted) / sum : null;
    }

    /// <summary>
    /// The harmonic mean of precision and recall, 0 to 1; null for a class that no example is of and none was taken for.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double? F1(int index)
    {
        long concerned = Count(index, index);
        for (int other = 0; other < ClassNames.Count; other++)
            concerned += other == index ? Count(index, index) : Count(index, other) + (long)Count(other, index);
        return concerned > 0 ? 2.0 * Count(index, index) / concerned : null;
    }

    private int Index(int actual, int predicted)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(actual);
        ArgumentOutOfRangeException.ThrowIfNegative(predicted);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(actual, ClassNames.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(predicted, ClassNames.Count);
        return actual * ClassNames.Count + predicted;
    }
}

using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>Consecutive examples of another data set, in its order.</summary>
public sealed class DatasetSlice : IRandomDataset
{
    private readonly IDataset _source;
    private readonly int _start;

    /// <summary>
    /// The examples <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> − 1 of a set.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The slice is empty or passes the end of the set.</exception>
    public DatasetSlice(IDataset source, int start, int count)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (start < 0 || count < 1 || start > source.Count - count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count),
                $"{source.Name} has {source.Count} examples; {count} from example {start} on cannot be had."
            );
        }
        _source = source;
        _start = start;
        Count = count;
    }

    /// <inheritdoc/>
    public string Name => $"{_source.Name} [{_start}..{_start + Count})";

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public Shape ExampleShape => _source.ExampleShape;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => _source.ClassNames;

    /// <inheritdoc/>
    public int Label(int index) => _source.Label(Position(index));

    /// <inheritdoc/>
    public void Read(int index, Span<float> values) => _source.Read(Position(index), values);

    /// <inheritdoc/>
    public void Read(int index, RandomStream random, Span<float> values)
    {
        if (_source is IRandomDataset source)
            source.Read(Position(index), random, values);
        else
            Read(index, values);
    }

    private int Position(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return _start + index;
    }
}

/// <summary>Ways to divide a data set.</summary>
public static class DatasetExtensions
{
    /// <summary>Keeps the last examples of a set for testing, in file order and without shuffling.</summary>
    /// <param name="dataset">The set.</param>
    /// <param name="last">How many examples to test on: 1 to <see cref="IDataset.Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Nothing would be left for training or for testing.</exception>
    public static DataSource SplitHoldout(this IDataset dataset, int last)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (last < 1 || last >= dataset.Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(last),
                $"{last} of the {dataset.Count} examples of {dataset.Name} cannot be held out; hold out 1 to {dataset.Count - 1}."
            );
        }
        int first = dataset.Count - last;
        return new DataSource(new DatasetSlice(dataset, 0, first), new DatasetSlice(dataset, first, last));
    }
}

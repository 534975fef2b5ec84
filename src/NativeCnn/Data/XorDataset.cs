using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// The exclusive or: two inputs of 0 or 1, and class 1 where they differ ([000]). The four points come in turn.
/// </summary>
internal sealed class XorDataset : IDataset
{
    private const int Points = 4;

    private XorDataset(string name, int count) => (Name, Count) = (name, count);

    /// <summary>
    /// A training set that has each point 500 times, so that an epoch is worth its name, and the four.
    /// </summary>
    public static DataSource Source { get; } =
        new(new XorDataset("exclusive or", 500 * Points), new XorDataset("exclusive or, each point once", Points));

    public string Name { get; }

    public int Count { get; }

    public Shape ExampleShape { get; } = Shape.Vector(1, 2);

    public IReadOnlyList<string> ClassNames { get; } = ["0", "1"];

    public int Label(int index)
    {
        (int first, int second) = Inputs(index);
        return first ^ second;
    }

    public void Read(int index, Span<float> values)
    {
        (int first, int second) = Inputs(index);
        if (values.Length != ExampleShape.Count)
            throw new ShapeException($"An example of {Name} has 2 values; the place has {values.Length}.");
        (values[0], values[1]) = (first, second);
    }

    private (int First, int Second) Inputs(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return (index % Points / 2, index % 2);
    }
}

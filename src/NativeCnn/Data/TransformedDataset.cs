using System.Buffers;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>The examples of a data set after an <see cref="ExampleTransform"/>.</summary>
internal sealed class TransformedDataset(IDataset source, ExampleTransform transform) : IRandomDataset
{
    private readonly TransformPlan _plan = new(transform, source.ExampleShape);

    public string Name => source.Name;

    public int Count => source.Count;

    public Shape ExampleShape => _plan.Output;

    public IReadOnlyList<string> ClassNames => source.ClassNames;

    public int Label(int index) => source.Label(index);

    public void Read(int index, Span<float> values) => Read(index, null, values);

    public void Read(int index, RandomStream random, Span<float> values) =>
        Read(index, source is IRandomDataset ? random : null, values);

    private void Read(int index, RandomStream? random, Span<float> values)
    {
        if (values.Length != _plan.Output.Count)
            throw new ShapeException(
                $"An example of {Name} has {_plan.Output.Count} values; the place has {values.Length}."
            );
        if (_plan.IsPointwise)
        {
            ReadSource(index, random, values);
            _plan.ApplyInPlace(values);
            return;
        }
        int count = source.ExampleShape.Count;
        // Kept by the pool from the first read on.
        float[] read = ArrayPool<float>.Shared.Rent(count);
        try
        {
            ReadSource(index, random, read.AsSpan(0, count));
            _plan.Apply(read.AsSpan(0, count), index, values);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(read);
        }
    }

    private void ReadSource(int index, RandomStream? random, Span<float> values)
    {
        if (random is { } stream)
            ((IRandomDataset)source).Read(index, stream, values);
        else
            source.Read(index, values);
    }
}

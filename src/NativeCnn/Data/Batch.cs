using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// Examples that a network sees at once. A batch belongs to its <see cref="BatchLoader"/> and is used again and again.
/// </summary>
public sealed class Batch
{
    internal Batch(Shape shape)
    {
        Images = new Tensor(shape);
        Labels = new int[shape.BatchSize];
        Indices = new int[shape.BatchSize];
    }

    /// <summary>The values, batch × H×W×C; zeros after the first <see cref="Count"/> examples.</summary>
    public Tensor Images { get; }

    /// <summary>The classes; −1 after the first <see cref="Count"/>.</summary>
    public int[] Labels { get; }

    /// <summary>Which examples of the data set these are; −1 after the first <see cref="Count"/>.</summary>
    public int[] Indices { get; }

    /// <summary>How many examples the batch holds: all of its places, or fewer in the last batch of an epoch.</summary>
    public int Count { get; internal set; }
}

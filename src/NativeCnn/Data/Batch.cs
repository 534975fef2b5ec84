using System.Globalization;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// Examples that a network sees at once. A batch belongs to its <see cref="BatchLoader"/> and is used again and again.
/// </summary>
/// <remarks>
/// The last batch of an epoch may have places that no example takes. They hold zeros: no loss, gradient or accuracy
/// counts them, but a layer that looks across the batch, such as one that takes a mean over it, sees them. With such
/// layers, use a batch size that divides the number of examples.
/// </remarks>
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

    /// <summary>What is wrong with the values of an example that holds a NaN or an infinity; null if none does.</summary>
    /// <param name="dataset">What the data set is called.</param>
    internal string? DescribeNonFinite(string dataset)
    {
        if (FiniteValues.FirstOther(Images) is not int place)
            return null;
        (int example, int value) = Math.DivRem(place, Images.Shape.ElementsPerExample);
        return NonFiniteExample(dataset, Indices[example], value, Images.Span[place]);
    }

    /// <summary>The sentence that says which value of which example is not finite.</summary>
    internal static string NonFiniteExample(string dataset, int index, int place, float value) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Example {index} of {dataset} holds {value} as its value {place}; every value of an example has to be finite."
        );
}

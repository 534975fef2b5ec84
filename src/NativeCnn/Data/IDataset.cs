using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// Labelled examples of one shape, read by index. Reads may come from several threads at once and allocate nothing.
/// </summary>
public interface IDataset
{
    /// <summary>What messages and histories call the set.</summary>
    string Name { get; }

    /// <summary>The number of examples, 1 or more.</summary>
    int Count { get; }

    /// <summary>The shape of one example, 1×H×W×C.</summary>
    Shape ExampleShape { get; }

    /// <summary>The classes' names; a label is an index into this list.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>The class of an example.</summary>
    int Label(int index);

    /// <summary>Writes an example's H×W×C values, channels fastest.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    /// <param name="values">As many places as the example has values.</param>
    void Read(int index, Span<float> values);
}

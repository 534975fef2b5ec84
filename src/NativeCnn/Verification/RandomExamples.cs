using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Verification;

/// <summary>Examples of uniform values from −1 to 1, with random labels, as large as a network takes them.</summary>
/// <param name="network">What they are for.</param>
/// <param name="count">How many.</param>
/// <param name="seed">Decides every value.</param>
internal sealed class RandomExamples(Network network, int count, ulong seed) : IDataset
{
    /// <inheritdoc/>
    public string Name => "random examples";

    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public Shape ExampleShape => network.InputShape;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; } =
    [.. Enumerable.Range(0, network.OutputShape.ElementsPerExample).Select(i => $"{i}")];

    /// <inheritdoc/>
    public int Label(int index) => new RandomStream(~seed, (ulong)index).NextInt(ClassNames.Count);

    /// <inheritdoc/>
    public void Read(int index, Span<float> values)
    {
        var random = new RandomStream(seed, (ulong)index);
        foreach (ref float value in values)
            value = 2 * random.NextSingle() - 1;
    }
}

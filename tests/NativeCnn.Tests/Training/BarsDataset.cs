using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Training;

/// <summary>8×8 images of one horizontal or one vertical bar, with noise.</summary>
internal sealed class BarsDataset(int count, ulong seed) : IDataset
{
    /// <summary>The example that holds a NaN as its value 3, if any.</summary>
    public int Poisoned { get; init; } = -1;

    /// <summary>The example whose label is 2, if any.</summary>
    public int Mislabelled { get; init; } = -1;

    /// <summary>Called before an example is read.</summary>
    public Action<int> Reading { get; init; } = _ => { };

    public string Name => "bars";

    public int Count => count;

    public Shape ExampleShape => new(1, 8, 8, 1);

    public IReadOnlyList<string> ClassNames { get; } = ["horizontal", "vertical"];

    public int Label(int index) => index == Mislabelled ? 2 : index % 2;

    public void Read(int index, Span<float> values)
    {
        Reading(index);
        var random = new RandomStream(seed, (ulong)index);
        foreach (ref float value in values)
            value = 0.2f * random.NextSingle();
        int line = random.NextInt(8);
        for (int i = 0; i < 8; i++)
            values[index % 2 == 0 ? line * 8 + i : i * 8 + line] += 1;
        if (index == Poisoned)
            values[3] = float.NaN;
    }

    /// <summary>A network that learns them.</summary>
    public static Network CreateNetwork() =>
        NetworkBuilder.Start(8, 8, 1).Convolution(4, 3).Relu().MaxPooling(2).Dense(2).Build(1, "bars");
}

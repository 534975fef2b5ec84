using NativeCnn.Data;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Data;

/// <summary>A set whose example i has label i and the values i, so that tests can see which example they got.</summary>
internal sealed class NumberedDataset(int count, int height = 1, int width = 1, int channels = 1) : IDataset
{
    /// <summary>The example whose reading fails, if any.</summary>
    public int Broken { get; init; } = -1;

    /// <summary>How long a reading takes.</summary>
    public int DelayMilliseconds { get; init; }

    /// <summary>Called before an example is read.</summary>
    public Action<int>? Reading { get; init; }

    /// <summary>What the reading thread had allocated at its last reading.</summary>
    public long ReadersAllocatedBytes { get; private set; }

    public string Name => "numbers";

    public int Count => count;

    public Shape ExampleShape { get; } = new(1, height, width, channels);

    public IReadOnlyList<string> ClassNames { get; } = [.. Enumerable.Range(0, count).Select(i => $"{i}")];

    public int Label(int index) => index;

    public void Read(int index, Span<float> values)
    {
        Reading?.Invoke(index);
        if (DelayMilliseconds > 0)
            Thread.Sleep(DelayMilliseconds);
        if (index == Broken)
            throw new InvalidDataException($"Example {index} cannot be read.");
        values.Fill(index);
        ReadersAllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
    }
}

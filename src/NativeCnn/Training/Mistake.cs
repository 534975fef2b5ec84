using NativeCnn.Backends;
using NativeCnn.Data;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>An example that a network takes for another class.</summary>
/// <param name="Index">Its place in the data set.</param>
/// <param name="Actual">Its class.</param>
/// <param name="Predicted">The class with the largest output.</param>
/// <param name="Margin">By how much that output is larger than the one of its class.</param>
internal sealed record Mistake(int Index, int Actual, int Predicted, double Margin)
{
    /// <summary>The examples with the largest margins, the worst first.</summary>
    /// <param name="network">The network.</param>
    /// <param name="backend">What computes, in float32.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="batchSize">Examples per run.</param>
    /// <param name="count">How many at most.</param>
    public static IReadOnlyList<Mistake> FindWorst(
        Network network,
        Backend backend,
        IDataset dataset,
        int batchSize,
        int count
    )
    {
        // The smallest margin of those found is the first to go.
        PriorityQueue<Mistake, double> worst = new();
        int classes = dataset.ClassNames.Count;
        using CompiledNetwork compiled = network.Compile(backend, batchSize, Phase.Inference);
        using var loader = new BatchLoader(dataset, batchSize, shuffle: false);
        loader.StartEpoch(0);
        while (loader.Next() is { } batch)
        {
            compiled.Forward(batch.Images);
            using TensorHold hold = compiled.Output.Hold();
            ReadOnlySpan<float> outputs = compiled.Output.Span;
            for (int n = 0; n < batch.Count; n++)
            {
                ReadOnlySpan<float> output = outputs.Slice(n * classes, classes);
                int predicted = Accuracy.Predicted(output);
                int actual = batch.Labels[n];
                double margin = (double)output[predicted] - output[actual];
                if (predicted == actual)
                    continue;
                worst.Enqueue(new Mistake(batch.Indices[n], actual, predicted, margin), margin);
                if (worst.Count > count)
                    worst.Dequeue();
            }
        }
        return [.. worst.UnorderedItems.OrderByDescending(item => item.Priority).Select(item => item.Element)];
    }
}

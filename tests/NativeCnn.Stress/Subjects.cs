using NativeCnn.Data;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Stress;

/// <summary>What the programs work on.</summary>
internal static class Subjects
{
    /// <summary>Examples of a batch.</summary>
    public const int BatchSize = 16;

    /// <summary>The classes of a batch of targets.</summary>
    public static readonly int[] Labels = [.. Enumerable.Range(0, BatchSize).Select(i => i % 10)];

    /// <summary>A network of some 10 µs for an example, with every kind of kernel that a model of digits has.</summary>
    public static Network Small(ulong seed = 1) =>
        NetworkBuilder
            .Start(12, 12, 1)
            .Convolution(8, 3)
            .Relu()
            .MaxPooling(2)
            .Dense(32)
            .Tanh()
            .Dense(10)
            .Build(seed, "small");

    /// <summary>A network for digits whose batches are cut into chunks for several threads.</summary>
    public static Network Digits(ulong seed = 1) =>
        NetworkBuilder
            .Start(28, 28, 1)
            .Convolution(8, 5)
            .MaxPooling(2)
            .Dense(64)
            .Relu()
            .Dense(10)
            .Build(seed, "digits");

    /// <summary>Random pixels, or whatever values a network takes.</summary>
    public static float[] Pixels(Network network, int index)
    {
        var random = new RandomStream(7, (ulong)index);
        float[] pixels = new float[network.InputShape.Count];
        foreach (ref float pixel in pixels.AsSpan())
            pixel = random.NextSingle();
        return pixels;
    }

    /// <summary>A batch of random pixels.</summary>
    public static Tensor Images(Network network)
    {
        var tensor = new Tensor(network.InputShape.WithBatchSize(BatchSize));
        Fill(tensor, 3);
        return tensor;
    }

    /// <summary>Writes random values into a tensor of floats; one of bytes stays 0.</summary>
    public static void Fill(Tensor tensor, int index)
    {
        var random = new RandomStream(11, (ulong)index);
        if (tensor.Type != ElementType.Float32)
            return;
        foreach (ref float value in tensor.Span)
            value = random.NextSingle() - 0.5f;
        GC.KeepAlive(tensor);
    }

    /// <summary>The one place where a predictor is asked.</summary>
    public static float[] Ask(Predictor predictor, float[] pixels) => predictor.Predict(pixels).ToArray();

    /// <summary>A training step; the optimiser is its own.</summary>
    public static TrainingStep Step(Network network, Backends.Backend backend) =>
        new(network, backend, BatchSize, new SoftmaxCrossEntropy(), new Sgd { LearningRate = 0.05f, Momentum = 0.9f });

    /// <summary>Options of a trainer of one short epoch.</summary>
    public static TrainerOptions OneEpoch() =>
        new()
        {
            Epochs = 1,
            BatchSize = BatchSize,
            Optimizer = new Sgd { LearningRate = 0.05f, Momentum = 0.9f },
        };

    /// <summary>Pictures to train on; made without allocations, for runs that collect at every one.</summary>
    public static IDataset Examples { get; } = new RandomPictures();

    /// <summary>All parameters' values, one after the other.</summary>
    public static float[] Values(Network network) =>
        [.. network.Parameters.SelectMany(parameter => Copy(parameter.Value))];

    /// <summary>A tensor's values.</summary>
    public static float[] Copy(Tensor tensor)
    {
        float[] values = tensor.Span.ToArray();
        GC.KeepAlive(tensor);
        return values;
    }

    private sealed class RandomPictures : IDataset
    {
        public string Name => "random pictures";

        public int Count => 64;

        public Shape ExampleShape => new(1, 28, 28, 1);

        public IReadOnlyList<string> ClassNames { get; } = [.. Enumerable.Range(0, 10).Select(i => $"{i}")];

        public int Label(int index) => index % 10;

        public void Read(int index, Span<float> values)
        {
            var random = new RandomStream(13, (ulong)index);
            foreach (ref float value in values)
                value = random.NextSingle();
        }
    }
}

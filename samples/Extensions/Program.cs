// Trains a network whose layers, loss, optimiser and kernels are partly the engine's and partly this program's, after
// its gradients were compared with differences; saves it, loads it, and has both predict. Everything here uses the
// engine's public members only.
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace Extensions;

/// <summary>What a run of the program found.</summary>
/// <param name="Gradients">How the gradients compare with differences.</param>
/// <param name="History">The epochs.</param>
/// <param name="PredictsTheSame">
/// Whether the network that was loaded gives the probabilities of the one that was saved.
/// </param>
public sealed record SampleResult(
    GradientCheckResult Gradients,
    IReadOnlyList<EpochRecord> History,
    bool PredictsTheSame
);

public static class Program
{
    // Once, before a file that has such layers is read.
    static Program()
    {
        LayerRegistry.Register("squared-relu", _ => new SquaredRelu());
        LayerRegistry.Register("batch-centering", BatchCentering.Read);
    }

    public static void Main() =>
        Run(examples: 4000, epochs: 4, Path.Combine(Path.GetTempPath(), "extensions.safetensors"));

    public static SampleResult Run(int examples, int epochs, string file)
    {
        var train = SyntheticDigits.CreateTrain(examples);
        var test = SyntheticDigits.CreateTest(1000);
        using Network network = NetworkBuilder
            .Start(train.ExampleShape)
            .Add(new Convolution(8, 5) { Bias = false })
            .Add(new BatchCentering())
            .Add(new SquaredRelu())
            .AveragePooling(2)
            .Dense(64)
            .Add(new SquaredRelu())
            .Dense(10)
            .Build(seed: 1, name: "extensions");
        GradientCheckResult gradients = CheckGradients(network, test);
        Console.WriteLine(gradients);

        // Who comes first is asked first: the plain kernels serve what the fast backend lacks, the engine's serve the
        // rest.
        using var fast = new FastBackend();
        using var plain = new PlainBackend();
        using var native = new NativeBackend();
        using var backend = new CompositeBackend(fast, plain, native);
        var options = new TrainerOptions
        {
            Epochs = epochs,
            BatchSize = 50,
            Loss = new LogisticCrossEntropy(),
            Optimizer = new RmsProp { LearningRate = 1e-3f },
        };
        using var trainer = new Trainer(network, backend, options);
        IReadOnlyList<EpochRecord> history = trainer.Train(train, test).History;
        Console.WriteLine(
            $"loss {history[0].TrainLoss:f3} to {history[^1].TrainLoss:f3}, accuracy {history[^1].TestAccuracy:p1}"
        );

        ModelFile.Save(file, network);
        using Network loaded = ModelFile.Load(file);
        bool same = Predictions(loaded, backend, test).SequenceEqual(Predictions(network, backend, test));
        Console.WriteLine($"{file} predicts {(same ? "the same" : "something else")}");
        return new SampleResult(gradients, history, same);
    }

    private static GradientCheckResult CheckGradients(Network network, SyntheticDigits examples)
    {
        using var plain = new PlainBackend(ElementType.Float64);
        using var managed = new ManagedBackend(ElementType.Float64);
        using var backend = new CompositeBackend(plain, managed);
        using var input = new Tensor(network.InputShape.WithBatchSize(3));
        int[] labels = [examples.Label(0), examples.Label(1), examples.Label(2)];
        for (int n = 0; n < labels.Length; n++)
            examples.Read(n, input.Span.Slice(n * network.InputShape.Count, network.InputShape.Count));
        return GradientCheck.Run(network, new LogisticCrossEntropy(), input, labels, elements: 10, backend: backend);
    }

    private static float[] Predictions(Network network, Backend backend, SyntheticDigits examples)
    {
        using var predictor = new Predictor(network, backend);
        float[] pixels = new float[network.InputShape.Count];
        var predictions = new List<float>();
        for (int n = 0; n < 20; n++)
        {
            examples.Read(n, pixels);
            predictions.AddRange(predictor.Predict(pixels));
        }
        return [.. predictions];
    }
}

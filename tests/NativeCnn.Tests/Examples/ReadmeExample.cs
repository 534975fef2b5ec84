#pragma warning disable IDE0005 // The example names every namespace that a user needs.
// <example>
using NativeCnn.Backends.Native;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Training;

namespace NativeCnn.Examples;

public static class TrainDigits
{
    public static double Run(int examples, int epochs, string file)
    {
        var train = SyntheticDigits.CreateTrain(examples);
        var test = SyntheticDigits.CreateTest(1000);

        using var backend = new NativeBackend(); // as many threads as there are processors
        using Network network = NetworkBuilder
            .Start(height: 28, width: 28, channels: 1)
            .Convolution(filters: 20, kernel: 5)
            .MaxPooling(2)
            .Convolution(filters: 50, kernel: 5)
            .MaxPooling(2)
            .Dense(500)
            .Relu()
            .Dense(10)
            .Build(seed: 1, name: "digits");

        var sgd = new Sgd
        {
            LearningRate = 0.01f,
            Momentum = 0.9f,
            WeightDecay = 5e-4f,
        };
        var options = new TrainerOptions
        {
            Epochs = epochs,
            BatchSize = 64,
            Optimizer = sgd,
        };
        using var trainer = new Trainer(network, backend, options);
        TrainingResult result = trainer.Train(train, test);
        Console.WriteLine($"{result.History[^1].TestAccuracy:P1} at {result.ImagesPerSecond:N0} images/s");

        ModelFile.Save(file, network);
        using Network loaded = ModelFile.Load(file);
        using var predictor = new Predictor(loaded, backend);
        float[] pixels = new float[28 * 28];
        test.Read(0, pixels);
        Console.WriteLine($"a {test.Label(0)}, taken for a {predictor.PredictClass(pixels)}");
        return result.History[^1].TestAccuracy ?? 0;
    }
}
// </example>

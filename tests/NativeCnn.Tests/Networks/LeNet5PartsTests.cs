using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tests.Data;
using NativeCnn.Training;

namespace NativeCnn.Tests.Networks;

/// <summary>The parts of LeNet-5 together, in small: C3's table, scaled tanh, fixed codes of the digits.</summary>
public sealed class LeNet5PartsTests
{
    [Fact]
    public void They_learn_digits_and_come_back_from_a_file()
    {
        using Network network = Describe().Build(1, "lenet5 in small");
        // C1 156, C3 1,516 of which a table has all, C5 16·48·9 + 48, F6 48·84 + 84, the centres 840.
        Assert.Equal(16 * 150, network.Parameters[2].Value.Count);
        using var backend = new NativeBackend(2);
        using (
            var step = new TrainingStep(
                network,
                backend,
                50,
                new NativeCnn.Losses.SoftmaxCrossEntropy(),
                new Adam { LearningRate = 2e-3f }
            )
        )
        {
            using var loader = new BatchLoader(SyntheticDigits.CreateTrain(1000), 50);
            for (int epoch = 0; epoch < 4; epoch++)
            {
                loader.StartEpoch(epoch);
                while (loader.Next() is { } batch)
                    step.Run(batch.Images, NativeCnn.Losses.Targets.Classes(batch.Labels));
            }
        }
        double share = Accuracy(network, backend);
        Assert.True(share > 0.8, $"{share:p1} are right");

        using var folder = new TemporaryFolder();
        string path = folder.File("lenet5.safetensors");
        ModelFile.Save(path, network);
        using Network read = ModelFile.Load(path);
        Assert.Equal(NetworkCases.Values(network), NetworkCases.Values(read));
        Assert.Equal(share, Accuracy(read, backend));
    }

    private static Node Describe() =>
        NetworkBuilder
            .Start(28, 28, 1)
            .Add(new Convolution(6, 5) { Initializer = Initializer.LeCunUniform })
            .ScaledTanh()
            .AveragePooling(2)
            .Add(new Convolution(16, 5) { Table = ConnectionTable.LeNet5C3, Initializer = Initializer.LeCunUniform })
            .ScaledTanh()
            .AveragePooling(2)
            .Add(new Convolution(48, 3) { IsRotated = true, Initializer = Initializer.LeCunUniform })
            .ScaledTanh()
            .Dense(84)
            .ScaledTanh()
            .Add(
                new RadialBasis(10)
                {
                    HasDigitCodes = true,
                    IsLearned = false,
                    IsNegated = true,
                }
            );

    private static double Accuracy(Network network, Backend backend)
    {
        using CompiledNetwork compiled = network.Compile(backend, 100, Phase.Inference);
        using var loader = new BatchLoader(SyntheticDigits.CreateTest(300), 100);
        loader.StartEpoch(0);
        int right = 0;
        while (loader.Next() is { } batch)
        {
            compiled.Forward(batch.Images);
            double[] y = TensorValues.Read(compiled.Output);
            for (int n = 0; n < batch.Count; n++)
            {
                double[] outputs = y[(n * 10)..(n * 10 + 10)];
                right += Array.IndexOf(outputs, outputs.Max()) == batch.Labels[n] ? 1 : 0;
            }
        }
        return right / 300.0;
    }
}

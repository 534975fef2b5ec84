using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Data;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using NativeCnn.Threading;
using NativeCnn.Training;
using SoftmaxCrossEntropy = NativeCnn.Losses.SoftmaxCrossEntropy;
using SquaredError = NativeCnn.Losses.SquaredError;

namespace NativeCnn.Tests.Training;

/// <summary>Training by second derivatives: what they are estimated on, when, and what is refused.</summary>
public sealed class SecondDerivativeTrainingTests
{
    private const int Batch = 16;

    private static readonly Dictionary<string, Func<Node, Node>> Refused = new()
    {
        ["batch-norm"] = node => node.Add(new BatchNorm()),
        ["dropout"] = node => node.Dropout(),
        ["local-response-norm"] = node => node.Add(new LocalResponseNorm(3, 1, 0.5f, 1)),
        ["l2-pooling"] = node => node.Add(new L2Pooling(2)),
        ["average-pooling"] = node => node.Add(new AveragePooling(3, 2) { Padding = Padding.All(1) }),
        ["adaptive-average-pooling"] = node => node.Add(new AdaptiveAveragePooling(new Size2(4, 4))),
        ["prelu"] = node => node.Add(new PRelu()),
    };

    public static TheoryData<string> RefusedNames => [.. Refused.Keys];

    [Theory]
    [MemberData(nameof(RefusedNames))]
    public void A_layer_without_them_is_named_when_the_trainer_is_made(string kind)
    {
        using Network network = Refused[kind](NetworkBuilder.Start(12, 12, 3).Convolution(4, 3)).Dense(2).Build(1);
        using var backend = new NativeBackend(1);
        var e = Assert.Throws<NotSupportedException>(() => new Trainer(network, backend, Options(new())));
        Assert.Equal($"Layer '{kind}1' ({kind}) has no second derivatives: train it with --optimizer sgd.", e.Message);
    }

    [Fact]
    public void A_loss_without_them_is_named_when_the_trainer_is_made()
    {
        using Network network = BarsDataset.CreateNetwork();
        using var backend = new NativeBackend(1);
        var e = Assert.Throws<NotSupportedException>(() =>
            new Trainer(network, backend, Options(new(), loss: new NativeCnn.Losses.HingeLoss()))
        );
        Assert.Equal("HingeLoss has no second derivatives: train it with --optimizer sgd.", e.Message);
    }

    // With a rate of 0 the weights stay, and so does what each epoch's sample is drawn from.
    [Fact]
    public void Before_each_epoch_the_mean_over_a_sample_joins_the_running_average()
    {
        const int Sample = 50;
        using Network network = BarsDataset.CreateNetwork();
        using var backend = new NativeBackend(2);
        var train = new BarsDataset(120, 1);
        var optimizer = new DiagonalLevenbergMarquardt
        {
            LearningRate = 0,
            SampleCount = Sample,
            Smoothing = 0.25f,
        };
        using var trainer = new Trainer(network, backend, Options(optimizer, epochs: 2));
        trainer.Train(train);
        double[][] first = Mean(network, backend, train, epoch: 1, Sample);
        double[][] second = Mean(network, backend, train, epoch: 2, Sample);
        Assert.NotEqual(first[0], second[0]);
        double[][] found = Averages(trainer.Compiled);
        for (int p = 0; p < found.Length; p++)
        {
            double[] expected = [.. first[p].Zip(second[p], (before, last) => 0.25 * before + 0.75 * last)];
            Comparison.Close(expected, found[p], new Tolerance(1e-6 * expected.Max(), 1e-5), $"parameter {p}");
        }
    }

    [Fact]
    public void A_sample_larger_than_the_set_is_the_set()
    {
        using Network network = BarsDataset.CreateNetwork();
        using var backend = new NativeBackend(2);
        var train = new BarsDataset(40, 1);
        using var trainer = new Trainer(
            network,
            backend,
            Options(new DiagonalLevenbergMarquardt { LearningRate = 0 }, epochs: 1)
        );
        trainer.Train(train);
        double[][] expected = Mean(network, backend, train, epoch: 1, 40);
        double[][] found = Averages(trainer.Compiled);
        for (int p = 0; p < found.Length; p++)
            Comparison.Close(expected[p], found[p], new Tolerance(1e-6 * expected[p].Max(), 1e-5), $"parameter {p}");
    }

    // w ← w − η g / (h + μ), with what was measured apart; in float64 on the specification.
    [Fact]
    public void A_step_before_any_estimate_makes_one_from_its_batch_and_later_ones_keep_it()
    {
        const double Rate = 0.25;
        const double Damping = 0.125;
        int[] labels = [0, 1, 2];
        using Network network = NetworkBuilder.Start(1, 1, 4).Dense(5).Tanh().Dense(3).Build(7);
        using Network same = NetworkBuilder.Start(1, 1, 4).Dense(5).Tanh().Dense(3).Build(7);
        using var backend = new ManagedBackend(ElementType.Float64);
        using Tensor single = NetworkCases.Input(network, 4, 1);
        using Tensor input = TensorValues.Tensor(single.Shape, ElementType.Float64, TensorValues.Read(single));
        var optimizer = new DiagonalLevenbergMarquardt { LearningRate = (float)Rate, Damping = (float)Damping };
        using var step = new TrainingStep(network, backend, 4, new SquaredError(), optimizer);
        using var plain = new TrainingStep(same, backend, 4, new SquaredError(), new Sgd { LearningRate = 1 });
        double[][] before = Values(step.Compiled);
        step.Run(input, Targets.Classes(labels));
        plain.Run(input, Targets.Classes(labels));
        double[][] averages = Averages(step.Compiled);
        double[][] after = Values(step.Compiled);
        double[][] descended = Values(plain.Compiled);
        for (int p = 0; p < before.Length; p++)
        {
            double[] expected =
            [
                .. before[p].Select((w, k) => w - Rate * (w - descended[p][k]) / (averages[p][k] + Damping)),
            ];
            Assert.Contains(averages[p], h => h > 0);
            Comparison.Close(expected, after[p], new Tolerance(1e-12, 1e-12), $"parameter {p}");
        }
        step.Run(input, Targets.Classes(labels));
        double[][] kept = Averages(step.Compiled);
        for (int p = 0; p < kept.Length; p++)
            Assert.Equal(averages[p], kept[p]);
    }

    [Fact]
    public void A_step_allocates_nothing_after_the_first()
    {
        using Network network = LeNet.Create(new Shape(1, 28, 28, 1), 10, seed: 3);
        using Tensor input = NetworkCases.Input(network, Batch, 1);
        int[] labels = NetworkCases.Labels(network, Batch, 1);
        using var backend = new NativeBackend(2);
        using var step = new TrainingStep(
            network,
            backend,
            Batch,
            new SoftmaxCrossEntropy(),
            new DiagonalLevenbergMarquardt()
        );
        step.Run(input, Targets.Classes(labels));
        step.Run(input, Targets.Classes(labels));
        Assert.Equal(0, AllocationMeter.Measure(() => step.Run(input, Targets.Classes(labels)), backend.Pool));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_learns_with_the_same_bits_on_any_number_of_threads(bool isSquared)
    {
        Loss loss = isSquared ? new SquaredError() : new SoftmaxCrossEntropy();
        double[][] Train(int threads)
        {
            using Network network = LeNet.Create(new Shape(1, 28, 28, 1), 10, seed: 3);
            using var backend = new NativeBackend(threads);
            var optimizer = new DiagonalLevenbergMarquardt { LearningRate = 1e-3f, SampleCount = 100 };
            using var trainer = new Trainer(network, backend, Options(optimizer, epochs: 3, loss: loss));
            TrainingResult result = trainer.Train(SyntheticDigits.CreateTrain(320));
            Assert.True(result.History[^1].TrainLoss < 0.7 * result.History[0].TrainLoss, $"{result.History[^1]}");
            return NetworkCases.Values(network);
        }
        double[][] one = Train(1);
        foreach (int threads in (int[])[2, 3])
        {
            double[][] values = Train(threads);
            for (int p = 0; p < one.Length; p++)
                Assert.Equal(one[p], values[p]);
        }
    }

    private static TrainerOptions Options(DiagonalLevenbergMarquardt optimizer, int epochs = 1, Loss? loss = null) =>
        new()
        {
            Epochs = epochs,
            BatchSize = Batch,
            Seed = 5,
            Optimizer = optimizer,
            Loss = loss ?? new SoftmaxCrossEntropy(),
        };

    // Of the first examples in the order of an epoch, by a compiled network of this test's own.
    private static double[][] Mean(Network network, Backend backend, IDataset dataset, int epoch, int count)
    {
        using CompiledNetwork compiled = network.Compile(
            backend,
            Batch,
            Phase.Training,
            order: BackwardOrder.SecondDerivatives
        );
        Kernel loss = backend.Prepare(new SoftmaxCrossEntropySecondDerivatives(compiled.Output.Shape));
        using var loader = new BatchLoader(dataset, Batch, seed: 5);
        loader.StartEpoch(epoch);
        compiled.ZeroGradients();
        for (int left = count; left > 0; left -= Batch)
        {
            compiled.Forward(loader.Next()!.Images);
            loss.Run([compiled.Output, compiled.OutputGradient], [Math.Min(left, Batch)]);
            compiled.Backward();
        }
        return [.. compiled.Parameters.Select(slot => Divide(TensorValues.Read(slot.Gradient!), count))];
    }

    private static double[] Divide(double[] sums, int count) => [.. sums.Select(sum => sum / count)];

    private static double[][] Averages(CompiledNetwork compiled) =>
        [.. compiled.OptimizerStates.Select(state => TensorValues.Read(state.Values))];

    private static double[][] Values(CompiledNetwork compiled) =>
        [.. compiled.Parameters.Select(slot => TensorValues.Read(slot.Value))];
}

using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Data;
using NativeCnn.Losses;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Threading;
using NativeCnn.Training;
using WeightPenalty = NativeCnn.Losses.WeightPenalty;

namespace NativeCnn.Tests.Training;

public sealed class TrainerTests
{
    [Fact]
    public void Training_learns_and_the_history_says_so()
    {
        using var backend = new NativeBackend(2);
        using Network network = BarsDataset.CreateNetwork();
        using var trainer = new Trainer(network, backend, Options(6, 0.1f));
        TrainingResult result = trainer.Train(new BarsDataset(200, 1), new BarsDataset(60, 2));
        Assert.Equal([1, 2, 3, 4, 5, 6], result.History.Select(record => record.Epoch));
        Assert.False(result.Interrupted);
        Assert.True(result.History[^1].TrainLoss < 0.5 * result.History[0].TrainLoss);
        Assert.True(result.History[^1].TrainAccuracy > 0.95, $"{result.History[^1]}");
        Assert.True(result.History[^1].TestAccuracy > 0.95, $"{result.History[^1]}");
    }

    [Fact]
    public void LeNets_losses_agree_between_the_backends_over_20_steps()
    {
        double[] managed = LossesOfLeNet(new ManagedBackend(), 20);
        double[] native = LossesOfLeNet(new NativeBackend(2), 20);
        Assert.NotEqual(managed[0], managed[^1]);
        for (int i = 0; i < managed.Length; i++)
            Assert.True(
                Math.Abs(native[i] - managed[i]) <= 1e-4 * Math.Abs(managed[i]),
                $"step {i + 1}: {native[i]} and {managed[i]}"
            );
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_on_any_number_of_threads_and_from_run_to_run()
    {
        float[][] first = WeightsOfLeNet(1);
        foreach (int threads in (int[])[1, 2, 3])
        {
            float[][] weights = WeightsOfLeNet(threads);
            for (int i = 0; i < first.Length; i++)
                Assert.Equal(first[i], weights[i]);
        }
    }

    [Fact]
    public void A_step_of_the_trainer_allocates_nothing_after_the_first()
    {
        using var backend = new NativeBackend(2);
        using Network network = LeNet.Create(new Shape(1, 28, 28, 1), 10);
        using var trainer = new Trainer(network, backend, Options(1));
        using var loader = new BatchLoader(new Noise(100), 16);
        loader.StartEpoch(0);
        Batch batch = loader.Next()!;
        void Steps(int count)
        {
            for (int i = 0; i < count; i++)
                trainer.Step(batch);
        }
        Steps(2);
        Assert.Equal(0, AllocationMeter.Measure(() => Steps(5), backend.Pool));
    }

    [Fact]
    public void Steps_that_layers_take_in_their_backward_pass_are_those_of_the_optimiser()
    {
        using var backend = new ManagedBackend();
        using Network fused = LeNet.Create(new Shape(1, 28, 28, 1), 10, 3);
        using Network stored = LeNet.Create(new Shape(1, 28, 28, 1), 10, 3);
        using var trainer = new Trainer(fused, backend, Options(1));
        // Penalties look at every gradient, so that all are stored; this one changes none.
        using var storing = new Trainer(
            stored,
            backend,
            Options(1, penalties: new WeightPenalty(WeightPenaltyKind.L2, 0))
        );
        Assert.Equal(
            ["dense1.weight"],
            trainer.Compiled.Parameters.Where(slot => slot.Gradient is null).Select(slot => slot.Parameter.Name)
        );
        Assert.All(storing.Compiled.Parameters, slot => Assert.NotNull(slot.Gradient));
        using var loader = new BatchLoader(new Noise(32), 16);
        loader.StartEpoch(1);
        while (loader.Next() is { } batch)
        {
            trainer.Step(batch);
            storing.Step(batch);
        }
        // The stored gradient is rounded to float32 once more.
        for (int i = 0; i < fused.Parameters.Count; i++)
        {
            float[] expected = stored.Parameters[i].Value.Span.ToArray();
            float[] actual = fused.Parameters[i].Value.Span.ToArray();
            for (int k = 0; k < expected.Length; k++)
                Assert.Equal(expected[k], actual[k], 1e-7f);
        }
    }

    [Fact]
    public void The_last_batch_of_an_epoch_counts_only_its_own_examples()
    {
        using var backend = new ManagedBackend();
        using Network whole = BarsDataset.CreateNetwork();
        using Network padded = BarsDataset.CreateNetwork();
        StepOnce(whole, backend, 3);
        StepOnce(padded, backend, 8);
        for (int i = 0; i < whole.Parameters.Count; i++)
        {
            float[] expected = whole.Parameters[i].Value.Span.ToArray();
            float[] actual = padded.Parameters[i].Value.Span.ToArray();
            for (int j = 0; j < expected.Length; j++)
                Assert.Equal(expected[j], actual[j], 1e-6f);
        }
    }

    [Fact]
    public void Cancellation_ends_the_run_after_the_batch_and_keeps_what_was_learned()
    {
        using var backend = new NativeBackend(1);
        using Network network = BarsDataset.CreateNetwork();
        float[] before = network.Parameters[0].Value.Span.ToArray();
        using var source = new CancellationTokenSource();
        using var trainer = new Trainer(network, backend, Options(5));
        TrainingResult result = trainer.Train(new BarsDataset(100, 1), null, new CancelAfter(source, 10), source.Token);
        Assert.True(result.Interrupted);
        Assert.Single(result.History);
        Assert.NotEqual(before, network.Parameters[0].Value.Span.ToArray());
    }

    [Fact]
    public void Data_that_do_not_fit_are_refused_with_both_shapes()
    {
        using var backend = new ManagedBackend();
        using Network network = BarsDataset.CreateNetwork();
        using var trainer = new Trainer(network, backend, Options(1));
        var e = Assert.Throws<ShapeException>(() => trainer.Train(new Noise(10)));
        Assert.Contains("1×8×8×1", e.Message, StringComparison.Ordinal);
        Assert.Contains("1×28×28×1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predictions_are_probabilities_and_agree_with_the_evaluation()
    {
        using var backend = new NativeBackend(1);
        using Network network = BarsDataset.CreateNetwork();
        using var predictor = new Predictor(network, backend);
        var data = new BarsDataset(40, 4);
        float[] pixels = new float[64];
        int correct = 0;
        for (int i = 0; i < data.Count; i++)
        {
            data.Read(i, pixels);
            ReadOnlySpan<float> probabilities = predictor.Predict(pixels);
            Assert.Equal(1, probabilities[0] + probabilities[1], 1e-6f);
            correct += predictor.PredictClass(pixels) == data.Label(i) ? 1 : 0;
        }
        Assert.Equal(correct / 40.0, Evaluator.Evaluate(network, backend, data).Accuracy, 1e-12);
    }

    private static TrainerOptions Options(int epochs, float rate = 0.01f, params Penalty[] penalties) =>
        new()
        {
            Epochs = epochs,
            BatchSize = 16,
            Penalties = penalties,
            Optimizer = new Sgd
            {
                LearningRate = rate,
                Momentum = 0.9f,
                WeightDecay = 5e-4f,
            },
        };

    internal static double[] LossesOfLeNet(Backend backend, int steps)
    {
        using (backend)
        {
            using Network network = LeNet.Create(new Shape(1, 28, 28, 1), 10, 3);
            using var trainer = new Trainer(network, backend, new TrainerOptions { BatchSize = 4 });
            using var loader = new BatchLoader(new Noise(steps * 4), 4, 5);
            loader.StartEpoch(1);
            double[] losses = new double[steps];
            for (int i = 0; i < steps; i++)
                losses[i] = trainer.Step(loader.Next()!).Loss;
            return losses;
        }
    }

    private static float[][] WeightsOfLeNet(int threads)
    {
        using var backend = new NativeBackend(threads);
        using Network network = LeNet.Create(new Shape(1, 28, 28, 1), 10, 3);
        using var trainer = new Trainer(network, backend, Options(2));
        trainer.Train(new Noise(72));
        return [.. network.Parameters.Select(parameter => parameter.Value.Span.ToArray())];
    }

    private static void StepOnce(Network network, Backend backend, int batchSize)
    {
        using var trainer = new Trainer(network, backend, new TrainerOptions { BatchSize = batchSize });
        using var loader = new BatchLoader(new BarsDataset(3, 1), batchSize, shuffle: false);
        loader.StartEpoch(0);
        trainer.Step(loader.Next()!);
    }

    private sealed class CancelAfter(CancellationTokenSource source, int batches) : ITrainingObserver
    {
        private int _seen;

        public void BatchFinished(in TrainingProgress progress)
        {
            Assert.InRange(progress.Accuracy, 0, 1);
            if (++_seen == batches)
                source.Cancel();
        }

        public void EpochFinished(EpochRecord epoch) => Assert.Equal(7, _seen);
    }

    /// <summary>28×28 images of noise with ten labels.</summary>
    private sealed class Noise(int count) : IDataset
    {
        public string Name => "noise";

        public int Count => count;

        public Shape ExampleShape => new(1, 28, 28, 1);

        public IReadOnlyList<string> ClassNames { get; } = [.. Enumerable.Range(0, 10).Select(i => $"{i}")];

        public int Label(int index) => index * 7 % 10;

        public void Read(int index, Span<float> values)
        {
            var random = new RandomStream(9, (ulong)index);
            foreach (ref float value in values)
                value = random.NextSingle();
        }
    }
}

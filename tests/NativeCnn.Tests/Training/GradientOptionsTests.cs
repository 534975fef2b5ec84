using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Data;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Schedules;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;
using SoftmaxCrossEntropy = NativeCnn.Losses.SoftmaxCrossEntropy;

namespace NativeCnn.Tests.Training;

/// <summary>What training does between the backward pass and the step: accumulating, clipping, scheduling.</summary>
public sealed class GradientOptionsTests
{
    private static readonly int[] Labels = [0, 1, 2, 1, 0, 2, 2];
    private static readonly double[] Weights = [1, 3, 0.5];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Accumulated_batches_are_one_large_batch(bool isWeighted)
    {
        SoftmaxCrossEntropy loss = isWeighted ? new() { ClassWeights = Weights } : new();
        using var backend = new NativeBackend(2);
        using Network whole = Create();
        using Network parts = Create();
        using Tensor input = NetworkCases.Input(whole, 7, 1);
        using (var step = new TrainingStep(whole, backend, 7, loss, Optimizer()))
            step.Run(input, Targets(0, 7));
        using var accumulating = new TrainingStep(parts, backend, 3, loss, Optimizer(), accumulatedBatches: 3);
        double[][] before = NetworkCases.Values(parts);
        // Of the last batch one example counts.
        for (int n = 0; n < 7; n += 3)
        {
            Assert.Equal(before, NetworkCases.Values(parts));
            using Tensor batch = Rows(input, n, 3);
            accumulating.Run(batch, Targets(n, Math.Min(3, 7 - n)));
        }
        Assert.Equal(1, accumulating.Compiled.StepCount);
        AssertClose(NetworkCases.Values(whole), NetworkCases.Values(parts));
        Assert.Equal(0, accumulating.Finish());
        Assert.Equal(1, accumulating.Compiled.StepCount);
    }

    [Fact]
    public void Batches_that_wait_take_their_step_when_they_are_told_to()
    {
        using var backend = new NativeBackend(2);
        using Network whole = Create();
        using Network parts = Create();
        using Tensor input = NetworkCases.Input(whole, 7, 1);
        using var step = new TrainingStep(whole, backend, 7, new SoftmaxCrossEntropy(), Optimizer());
        step.Run(input, Targets(0, 7));
        using var waiting = new TrainingStep(
            parts,
            backend,
            7,
            new SoftmaxCrossEntropy(),
            Optimizer(),
            accumulatedBatches: 5
        );
        waiting.Run(input, Targets(0, 7));
        Assert.Equal(0, waiting.Compiled.StepCount);
        waiting.Finish();
        Assert.Equal(1, waiting.Compiled.StepCount);
        AssertClose(NetworkCases.Values(whole), NetworkCases.Values(parts));
    }

    // With a rate of 1 and no momentum the change is the gradient.
    [Theory]
    [InlineData("managed")]
    [InlineData("native")]
    public void All_gradients_together_are_clipped_by_their_norm_or_each_value_by_itself(string backendName)
    {
        using Backend backend = NativeCnn.Tests.Backends.TestBackends.Create(backendName);
        double[] plain = Change(backend, null);
        double norm = Math.Sqrt(plain.Sum(g => g * g));
        double limit = norm / 4;
        double[] expected = [.. plain.Select(g => g * limit / (norm + 1e-6))];
        Comparison.Close(expected, Change(backend, GradientClipping.ByNorm(limit)), new Tolerance(3e-7, 1e-5), "norm");
        Assert.Equal(plain, Change(backend, GradientClipping.ByNorm(norm * 1.01)));
        double largest = plain.Max(Math.Abs) / 3;
        expected = [.. plain.Select(g => Math.Clamp(g, -largest, largest))];
        double[] clamped = Change(backend, GradientClipping.ByValue(largest));
        Comparison.Close(expected, clamped, new Tolerance(3e-7, 1e-5), "value");
    }

    [Fact]
    public void Clipping_and_accumulating_allocate_nothing()
    {
        using var backend = new NativeBackend(2);
        using Network network = Create();
        using Tensor input = NetworkCases.Input(network, 7, 1);
        using var step = new TrainingStep(
            network,
            backend,
            7,
            new SoftmaxCrossEntropy { Smoothing = 0.1 },
            Optimizer(),
            clipping: GradientClipping.ByNorm(0.1),
            accumulatedBatches: 2
        );
        for (int i = 0; i < 4; i++)
            step.Run(input, Targets(0, 7));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 4; i++)
            step.Run(input, Targets(0, 7));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Impossible_options_are_refused()
    {
        foreach (double bad in (double[])[0, -1, double.NaN, 1e39])
        {
            Assert.Throws<ArgumentOutOfRangeException>("limit", () => GradientClipping.ByNorm(bad));
            Assert.Throws<ArgumentOutOfRangeException>("limit", () => GradientClipping.ByValue(bad));
        }
        Assert.Throws<ArgumentOutOfRangeException>(
            "AccumulatedBatches",
            () => new TrainerOptions { AccumulatedBatches = 0 }
        );
        Assert.Throws<ArgumentNullException>("Schedule", () => new TrainerOptions { Schedule = null! });
        using var backend = new ManagedBackend();
        using Network network = Create();
        Assert.Throws<ArgumentOutOfRangeException>(
            "accumulatedBatches",
            () => new TrainingStep(network, backend, 2, new SoftmaxCrossEntropy(), new Sgd(), accumulatedBatches: 0)
        );
    }

    [Fact]
    public void A_factor_multiplies_the_rate_and_the_optimiser_stays_as_it_is()
    {
        using var backend = new ManagedBackend();
        Sgd shared = new() { LearningRate = 0.5f };
        double[] Step(double factor, Optimizer optimizer)
        {
            using Network network = Create();
            using Tensor input = NetworkCases.Input(network, 7, 1);
            using var step = new TrainingStep(network, backend, 7, new SoftmaxCrossEntropy(), optimizer);
            step.Compiled.LearningRateFactor = factor;
            step.Run(input, Targets(0, 7));
            return [.. NetworkCases.Values(network).SelectMany(values => values)];
        }
        Assert.Equal(Step(1, new Sgd { LearningRate = 0.125f }), Step(0.25, shared));
        Assert.Equal(0.5f, shared.LearningRate);
        using Network inferring = Create();
        using CompiledNetwork compiled = inferring.Compile(backend, 1, Phase.Inference);
        Assert.Throws<InvalidOperationException>(() => compiled.LearningRateFactor = 0.5);
        Assert.Throws<ArgumentOutOfRangeException>(() => compiled.LearningRateFactor = double.NaN);
    }

    [Fact]
    public void A_trainer_asks_its_schedule_before_every_step_of_a_run()
    {
        using var backend = new ManagedBackend();
        using Network network = NetworkBuilder.Start(28, 28, 1).MaxPooling(7).Dense(10).Build(3);
        SyntheticDigits digits = SyntheticDigits.CreateTrain(50);
        var schedule = new Recording();
        Sgd optimizer = new() { LearningRate = 0.1f };
        TrainerOptions options = new()
        {
            Epochs = 2,
            BatchSize = 10,
            AccumulatedBatches = 2,
            Schedule = schedule,
            Optimizer = optimizer,
        };
        using var trainer = new Trainer(network, backend, options);
        TrainingResult result = trainer.Train(digits);
        // Five batches an epoch are three steps: of two, two and one.
        Assert.Equal([0, 0, 1, 1, 2, 3, 3, 4, 4, 5], schedule.Positions.Select(position => position.Step));
        Assert.All(schedule.Positions, position => Assert.Equal(6, position.Steps));
        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], schedule.Positions.Select(position => position.Epoch));
        Assert.Equal([result.History[0].TrainLoss], schedule.Losses);
        Assert.Equal(6, trainer.Compiled.StepCount);
        Assert.Equal(0.1f, optimizer.LearningRate);
        Assert.Equal(1, trainer.Compiled.LearningRateFactor);
        // Its factor is 0.
        using Network untrained = NetworkBuilder.Start(28, 28, 1).MaxPooling(7).Dense(10).Build(3);
        Assert.Equal(NetworkCases.Values(untrained), NetworkCases.Values(network));
        // A second run counts from 0 again.
        trainer.Train(digits);
        Assert.Equal(0, schedule.Positions[10].Step);
        Assert.Equal(0, schedule.Positions[10].Epoch);
    }

    private static double[] Change(Backend backend, GradientClipping? clipping)
    {
        using Network network = Create();
        double[][] before = NetworkCases.Values(network);
        using Tensor input = NetworkCases.Input(network, 7, 1);
        Sgd optimizer = new() { LearningRate = 1 };
        using var step = new TrainingStep(
            network,
            backend,
            7,
            new SoftmaxCrossEntropy(),
            optimizer,
            clipping: clipping
        );
        step.Run(input, Targets(0, 7));
        double[][] after = NetworkCases.Values(network);
        return [.. before.SelectMany((values, p) => values.Zip(after[p], (was, now) => was - now))];
    }

    private static Sgd Optimizer() => new() { LearningRate = 0.1f, Momentum = 0.9f };

    private static Network Create() => NetworkBuilder.Start(1, 1, 6).Dense(5).Tanh().Dense(3).Build(4);

    private static NativeCnn.Losses.Targets Targets(int first, int count) =>
        NativeCnn.Losses.Targets.Classes(Labels.AsSpan(first, count));

    // Examples from a place on, and zeros where there are none left.
    private static Tensor Rows(Tensor input, int first, int count)
    {
        int length = input.Shape.ElementsPerExample;
        Tensor rows = new(input.Shape.WithBatchSize(count));
        int there = Math.Min(count, input.Shape.BatchSize - first);
        input.Span.Slice(first * length, there * length).CopyTo(rows.Span);
        return rows;
    }

    private static void AssertClose(double[][] expected, double[][] actual)
    {
        for (int p = 0; p < expected.Length; p++)
            Comparison.Close(expected[p], actual[p], new Tolerance(1e-6, 0), $"parameter {p}");
    }

    private sealed class Recording : Schedule
    {
        public List<TrainingPosition> Positions { get; } = [];

        public double[] Losses { get; private set; } = [];

        public override double Factor(TrainingPosition position)
        {
            Positions.Add(position);
            Losses = [.. position.Losses];
            return 0;
        }
    }
}

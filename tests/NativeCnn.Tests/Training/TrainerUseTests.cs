using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Data;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;
using SquaredError = NativeCnn.Losses.SquaredError;

namespace NativeCnn.Tests.Training;

/// <summary>Who may use a trainer, a step and an evaluator when, and what they refuse by name.</summary>
public sealed class TrainerUseTests : IDisposable
{
    private const int BatchSize = 16;

    private readonly NativeBackend _backend = new(1);
    private readonly Network _network = BarsDataset.CreateNetwork();
    private readonly ManualResetEventSlim _inside = new();
    private readonly ManualResetEventSlim _go = new();

    public void Dispose()
    {
        _network.Dispose();
        _backend.Dispose();
        _inside.Dispose();
        _go.Dispose();
    }

    [Fact]
    public void Trainers_that_share_options_train_as_if_each_were_alone()
    {
        foreach (Optimizer optimizer in (Optimizer[])[new Sgd { Momentum = 0.9f }, new Adam()])
        {
            var options = new TrainerOptions { BatchSize = BatchSize, Optimizer = optimizer };
            double[][] alone = Steps(options, others: 0);
            Assert.Equal(alone, Steps(options, others: 2));
        }
    }

    [Fact]
    public void The_callers_optimiser_and_loss_serve_on_after_a_trainer_is_disposed()
    {
        var options = new TrainerOptions { Epochs = 2, BatchSize = BatchSize };
        double[][] Train()
        {
            using Network network = BarsDataset.CreateNetwork();
            using var trainer = new Trainer(network, _backend, options);
            trainer.Train(new BarsDataset(32, 1));
            return NetworkCases.Values(network);
        }
        Assert.Equal(Train(), Train());
    }

    [Fact]
    public void A_trainer_in_use_refuses_every_other_call_and_is_not_disturbed()
    {
        var data = new BarsDataset(32, 1);
        var options = new TrainerOptions { Epochs = 1, BatchSize = BatchSize };
        using Network same = BarsDataset.CreateNetwork();
        using (var alone = new Trainer(same, _backend, options))
            alone.Train(data);

        using var trainer = new Trainer(_network, _backend, options);
        using var loader = new BatchLoader(data, BatchSize);
        loader.StartEpoch(1);
        Batch batch = loader.Next()!;
        While(
            gated => trainer.Train(gated),
            () =>
            {
                foreach (
                    Action use in (Action[])[() => trainer.Train(data), () => trainer.Step(batch), trainer.Dispose]
                )
                    AssertInUse("trainer", use);
            }
        );
        Assert.Equal(NetworkCases.Values(same), NetworkCases.Values(_network));
        trainer.Dispose();
        trainer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => trainer.Train(data));
        Assert.Throws<ObjectDisposedException>(() => trainer.Step(batch));
    }

    [Fact]
    public void An_evaluator_in_use_refuses_every_other_call_and_is_not_disturbed()
    {
        var data = new BarsDataset(32, 1);
        double expected = Evaluator.Evaluate(_network, _backend, data).Loss;
        using var evaluator = new Evaluator(_network, _backend);
        double loss = 0;
        While(
            gated => loss = evaluator.Evaluate(gated).Loss,
            () =>
            {
                AssertInUse("evaluator", () => evaluator.Evaluate(data));
                AssertInUse("evaluator", evaluator.Dispose);
            }
        );
        Assert.Equal(expected, loss);
        evaluator.Dispose();
        evaluator.Dispose();
        Assert.Throws<ObjectDisposedException>(() => evaluator.Evaluate(data));
    }

    [Fact]
    public void A_step_in_use_refuses_every_other_call_and_is_not_disturbed()
    {
        using Tensor input = NetworkCases.Input(_network, 2, 1);
        var optimizer = new WaitingSgd { Wait = () => { } };
        using Network same = BarsDataset.CreateNetwork();
        using (var alone = new TrainingStep(same, _backend, 2, new SquaredError(), optimizer))
            alone.Run(input, Targets.Classes([0, 1]));
        using var step = new TrainingStep(_network, _backend, 2, new SquaredError(), optimizer);
        optimizer.Wait = WaitInside;
        var thread = new Thread(() => step.Run(input, Targets.Classes([0, 1])));
        thread.Start();
        _inside.Wait();
        AssertInUse("training step", () => step.Run(input, Targets.Classes([0, 1])));
        AssertInUse("training step", step.Dispose);
        _go.Set();
        thread.Join();
        Assert.Equal(NetworkCases.Values(same), NetworkCases.Values(_network));
        step.Dispose();
        Assert.Throws<ObjectDisposedException>(() => step.Run(input, Targets.Classes([0, 1])));
    }

    [Fact]
    public void An_observer_that_disposes_its_trainer_is_refused()
    {
        Trainer trainer = new(_network, _backend, new TrainerOptions { BatchSize = BatchSize });
        using (trainer)
            AssertInUse("trainer", () => trainer.Train(new BarsDataset(32, 1), null, new Disposing(trainer)));
    }

    [Fact]
    public void Softmax_before_a_loss_that_takes_it_is_refused_with_the_remedy()
    {
        foreach (bool isFlattened in (bool[])[false, true])
        {
            Node end = NetworkBuilder.Start(8, 8, 1).Dense(2).Softmax();
            using Network network = (isFlattened ? end.Flatten() : end).Build(1, "twice");
            foreach (
                Action use in (Action[])
                    [
                        () => _ = new Trainer(network, _backend),
                        () =>
                            _ = new TrainingStep(
                                network,
                                _backend,
                                2,
                                new NativeCnn.Losses.SoftmaxCrossEntropy(),
                                new Sgd()
                            ),
                        () => _ = new Evaluator(network, _backend),
                    ]
            )
                Assert.Equal(
                    "Network 'twice' ends in softmax ('softmax1'), and softmax cross-entropy takes the softmax itself: "
                        + "leave that layer out, or use SquaredError.",
                    Assert.Throws<ArgumentException>(use).Message
                );
            Assert.True(network.EndsInSoftmax);
            // One that does not is what such networks are trained with.
            var options = new TrainerOptions { Epochs = 1, Loss = new SquaredError() };
            using var trainer = new Trainer(network, _backend, options);
            var data = new BarsDataset(32, 1);
            Assert.Single(trainer.Train(data, data).History);
        }
        Assert.False(_network.EndsInSoftmax);
        using Network inside = NetworkBuilder.Start(8, 8, 1).Dense(2).Softmax().Dense(2).Build();
        Assert.False(inside.EndsInSoftmax);
    }

    [Fact]
    public void An_empty_data_set_and_a_label_that_is_no_class_are_said_to_be_that()
    {
        var empty = new BarsDataset(0, 1);
        var good = new BarsDataset(20, 1);
        var mislabelled = new BarsDataset(20, 1) { Mislabelled = 11 };
        using var trainer = new Trainer(_network, _backend);
        foreach (
            Action use in (Action[])
                [
                    () => trainer.Train(empty),
                    () => trainer.Train(good, empty),
                    () => Evaluator.Evaluate(_network, _backend, empty),
                    () => _ = new BatchLoader(empty, 4),
                ]
        )
            Assert.StartsWith("The data set bars has no examples.", Assert.ThrowsAny<ArgumentException>(use).Message);
        foreach (
            Action use in (Action[])
                [
                    () => trainer.Train(mislabelled),
                    () => trainer.Train(good, mislabelled),
                    () => Evaluator.Evaluate(_network, _backend, mislabelled),
                ]
        )
            Assert.Equal(
                "Example 11 of bars has the label 2; its classes are 0 to 1.",
                Assert.Throws<InvalidDataException>(use).Message
            );
    }

    [Fact]
    public void A_step_with_more_targets_than_examples_or_none_is_refused_before_anything_is_computed()
    {
        using var backend = RunningMean.CreateBackend();
        using Network network = NetworkBuilder.Start(4, 4, 1).Add(new RunningMean()).Dense(3).Build(3);
        double[][] before = NetworkCases.Values(network);
        using var step = new TrainingStep(network, backend, 2, new SquaredError(), new Sgd());
        using Tensor input = NetworkCases.Input(network, 2, 1);
        var e = Assert.ThrowsAny<ArgumentException>(() => step.Run(input, Targets.Classes([0, 1, 2])));
        Assert.Equal("There are 3 targets for a batch of 2 examples.", e.Message);
        e = Assert.Throws<ArgumentException>(() => step.Run(input, default));
        Assert.StartsWith("A training step needs the targets of one example or more.", e.Message);
        Assert.Throws<ArgumentException>(() => step.Run(input, Targets.Values(input)));
        Assert.Throws<ArgumentOutOfRangeException>(() => step.Run(input, Targets.Values(input, -1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => step.Run(input, Targets.Probabilities(input, -3)));
        Assert.Equal(before, NetworkCases.Values(network));
        using var trainer = new Trainer(_network, _backend, new TrainerOptions { BatchSize = 8 });
        using var loader = new BatchLoader(new BarsDataset(20, 1), 10);
        loader.StartEpoch(1);
        Assert.Throws<ShapeException>(() => trainer.Step(loader.Next()!));
    }

    // Three steps on the same batches, while other trainers with the same options train networks of their own.
    private double[][] Steps(TrainerOptions options, int others)
    {
        Network[] networks = [.. Enumerable.Range(0, others + 1).Select(_ => BarsDataset.CreateNetwork())];
        Trainer[] trainers = [.. networks.Select(network => new Trainer(network, _backend, options))];
        using var loader = new BatchLoader(new BarsDataset(48, 1), BatchSize);
        loader.StartEpoch(1);
        while (loader.Next() is { } batch)
        {
            foreach (Trainer trainer in trainers)
                trainer.Step(batch);
            // The last of the others goes after the first step.
            if (trainers.Length > 2)
            {
                trainers[^1].Dispose();
                trainers = trainers[..^1];
            }
        }
        double[][] values = NetworkCases.Values(networks[0]);
        if (others > 0)
            Assert.Equal(values, NetworkCases.Values(networks[1]));
        using Network untrained = BarsDataset.CreateNetwork();
        Assert.NotEqual(NetworkCases.Values(untrained), values);
        foreach (Trainer trainer in trainers)
            trainer.Dispose();
        foreach (Network network in networks)
            network.Dispose();
        return values;
    }

    // Runs something on a data set that waits at its third example, and something else meanwhile.
    private void While(Action<IDataset> run, Action meanwhile)
    {
        var gated = new BarsDataset(32, 1)
        {
            Reading = index =>
            {
                if (index == 3)
                    WaitInside();
            },
        };
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(() => run(gated)));
        thread.Start();
        _inside.Wait();
        try
        {
            meanwhile();
        }
        finally
        {
            _go.Set();
            thread.Join();
        }
        Assert.Null(failure);
    }

    private void WaitInside()
    {
        _inside.Set();
        _go.Wait();
    }

    private static void AssertInUse(string what, Action use) =>
        Assert.StartsWith(
            $"The {what} is in use by another call.",
            Assert.Throws<InvalidOperationException>(use).Message,
            StringComparison.Ordinal
        );

    private sealed class Disposing(Trainer trainer) : ITrainingObserver
    {
        public void BatchFinished(in TrainingProgress progress) => trainer.Dispose();

        public void EpochFinished(EpochRecord epoch) { }
    }

    private sealed class WaitingSgd : Optimizer
    {
        public required Action Wait { get; set; }

        public override UpdateOperation Declare(Shape parameter) => new SgdUpdate(parameter, hasMomentum: false);

        public override void WriteScalars(Parameter parameter, long step, Span<double> scalars)
        {
            Wait();
            scalars[0] = LearningRate;
        }
    }
}

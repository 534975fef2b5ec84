using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;
using WeightPenalty = NativeCnn.Losses.WeightPenalty;

namespace NativeCnn.Tests.Training;

/// <summary>What is left when training leaves the finite numbers: the last good epoch, and never a NaN.</summary>
public sealed class DivergenceTests : IDisposable
{
    private readonly NativeBackend _backend = new(1);
    private readonly Network _network = BarsDataset.CreateNetwork();
    private readonly double[][] _initial;

    public DivergenceTests() => _initial = NetworkCases.Values(_network);

    public void Dispose()
    {
        _network.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void Without_a_good_epoch_the_network_has_the_weights_that_it_began_with_and_the_exception_says_so()
    {
        using Trainer trainer = Create(new Sgd { LearningRate = 1e25f });
        var e = Assert.Throws<TrainingDivergedException>(() => trainer.Train(new BarsDataset(64, 1)));
        Assert.True(e.Step > 1);
        Assert.Contains($"step {e.Step}", e.Message, StringComparison.Ordinal);
        Assert.Matches("'(convolution1|dense1)'", e.Origin);
        AssertRestored(e, 0);
        Assert.Equal(_initial, NetworkCases.Values(_network));
    }

    [Fact]
    public void After_good_epochs_it_has_the_last_ones_weights_and_training_can_go_on_from_them()
    {
        var sgd = new Sgd { LearningRate = 0.05f, Momentum = 0.9f };
        using Trainer trainer = Create(sgd, epochs: 5);
        var observer = new AfterEpoch(
            2,
            () =>
            {
                sgd.LearningRate = 1e25f;
                return NetworkCases.Values(_network);
            }
        );
        var train = new BarsDataset(64, 1);
        var e = Assert.Throws<TrainingDivergedException>(() => trainer.Train(train, train, observer));
        AssertRestored(e, 2);
        Assert.Equal(observer.Found, NetworkCases.Values(_network));
        Assert.All(e.History, record => Assert.True(double.IsFinite(record.TrainLoss + record.TestLoss!.Value)));
        // As a new trainer would: the velocities that led away are gone.
        sgd.LearningRate = 0.05f;
        using Network other = BarsDataset.CreateNetwork();
        for (int i = 0; i < other.Parameters.Count; i++)
            _network.Parameters[i].Value.CopyTo(other.Parameters[i].Value);
        using Trainer fresh = Create(sgd, epochs: 5, network: other);
        fresh.Train(train, train);
        TrainingResult result = trainer.Train(train, train);
        Assert.Equal(NetworkCases.Values(other), NetworkCases.Values(_network));
        Assert.Equal(5, result.History.Count);
        Assert.True(result.History[^1].TestLoss < e.History[^1].TestLoss);
    }

    [Fact]
    public void Weights_that_the_last_step_spoiled_are_found_at_the_epochs_end()
    {
        using Trainer trainer = Create(Spoiling(), epochs: 1, batchSize: 64);
        var e = Assert.Throws<TrainingDivergedException>(() => trainer.Train(new BarsDataset(64, 1)));
        Assert.Equal("'convolution1.weight'", e.Origin);
        Assert.StartsWith("The weights are not finite in epoch 1: ", e.Message, StringComparison.Ordinal);
        AssertRestored(e, 0);
        Assert.Equal(_initial, NetworkCases.Values(_network));
    }

    [Fact]
    public void So_are_those_of_an_epoch_that_was_cut_short()
    {
        using var source = new CancellationTokenSource();
        using Trainer trainer = Create(Spoiling());
        var observer = new AfterBatch(source.Cancel);
        Assert.Throws<TrainingDivergedException>(() =>
            trainer.Train(new BarsDataset(64, 1), null, observer, source.Token)
        );
        Assert.Equal(_initial, NetworkCases.Values(_network));
    }

    [Fact]
    public void So_are_those_that_an_error_of_the_data_set_would_have_left()
    {
        using Trainer trainer = Create(Spoiling());
        var broken = new IOException("the disk is gone");
        var observer = new AfterBatch(() => throw broken);
        Assert.Same(broken, Assert.Throws<IOException>(() => trainer.Train(new BarsDataset(64, 1), null, observer)));
        Assert.Equal(_initial, NetworkCases.Values(_network));
    }

    [Fact]
    public void A_test_loss_that_is_not_finite_is_a_divergence_and_its_epoch_is_not_good()
    {
        // One step an epoch: the loss is still that of the first weights, and the new ones are finite.
        using Trainer trainer = Create(new Sgd { LearningRate = 1e25f }, epochs: 1, batchSize: 64);
        var train = new BarsDataset(64, 1);
        var observer = new AfterEpoch(1, () => NetworkCases.Values(_network));
        var e = Assert.Throws<TrainingDivergedException>(() => trainer.Train(train, train, observer));
        Assert.StartsWith("The test loss is not finite after epoch 1: ", e.Message, StringComparison.Ordinal);
        Assert.Matches("'(convolution1|dense1)'", e.Origin);
        Assert.Null(observer.Found);
        AssertRestored(e, 0);
        Assert.Equal(_initial, NetworkCases.Values(_network));
    }

    [Fact]
    public void A_penalty_that_is_not_finite_is_a_divergence_before_it_changes_anything()
    {
        var options = new TrainerOptions { Penalties = [new WeightPenalty(WeightPenaltyKind.L2, 3e38)] };
        _network.Parameters[0].Value.Span.Fill(3);
        double[][] before = NetworkCases.Values(_network);
        using var trainer = new Trainer(_network, _backend, options);
        using var loader = new BatchLoader(new BarsDataset(64, 1), 64);
        loader.StartEpoch(1);
        Batch batch = loader.Next()!;
        var e = Assert.Throws<TrainingDivergedException>(() => trainer.Step(batch));
        Assert.StartsWith("The penalties are not finite at step 1: ", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, NetworkCases.Values(_network));
    }

    [Fact]
    public void A_NaN_in_the_data_is_said_to_be_one_by_its_example_for_training_and_testing()
    {
        using Trainer trainer = Create(new Sgd());
        var good = new BarsDataset(20, 1);
        var bad = new BarsDataset(20, 1) { Poisoned = 7 };
        const string Message =
            "Example 7 of bars holds NaN as its value 3; every value of an example has to be finite.";
        foreach (
            Action use in (Action[])
                [
                    () => trainer.Train(bad),
                    () => trainer.Train(good, bad),
                    () => Evaluator.Evaluate(_network, _backend, bad),
                ]
        )
            Assert.Equal(Message, Assert.Throws<InvalidDataException>(use).Message);
        _network.CheckFinite();
        // A batch that its user spoiled.
        using var loader = new BatchLoader(good, 16, shuffle: false);
        loader.StartEpoch(1);
        Batch batch = loader.Next()!;
        batch.Images.Span[5 * 64 + 9] = float.NegativeInfinity;
        var e = Assert.Throws<TrainingDivergedException>(() => trainer.Step(batch));
        Assert.Equal("the input", e.Origin);
        Assert.Contains(
            "Example 5 of the data set holds -Infinity as its value 9",
            e.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("learning rate", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Weights_that_are_not_finite_are_refused_by_name_before_anything_is_computed(float value)
    {
        _network.CheckFinite();
        using Trainer trainer = Create(new Sgd());
        using var evaluator = new Evaluator(_network, _backend);
        var data = new BarsDataset(20, 1);
        // At every place, also those beyond whole vectors.
        for (int p = 0; p < _network.Parameters.Count; p++)
        for (int i = 0; i < _network.Parameters[p].Value.Count; i++)
        {
            float before = _network.Parameters[p].Value.Span[i];
            _network.Parameters[p].Value.Span[i] = value;
            var e = Assert.Throws<InvalidDataException>(_network.CheckFinite);
            Assert.Contains($"'{_network.Parameters[p].Name}'", e.Message, StringComparison.Ordinal);
            Assert.Contains($"at place {i}.", e.Message, StringComparison.Ordinal);
            if (i == 0)
            {
                Assert.Equal(e.Message, Assert.Throws<InvalidDataException>(() => trainer.Train(data)).Message);
                Assert.Equal(e.Message, Assert.Throws<InvalidDataException>(() => evaluator.Evaluate(data)).Message);
            }
            _network.Parameters[p].Value.Span[i] = before;
        }
        Assert.Equal(_initial, NetworkCases.Values(_network));
    }

    [Fact]
    public void The_largest_finite_weights_are_finite()
    {
        foreach (var parameter in _network.Parameters)
            parameter.Value.Span.Fill(float.MaxValue);
        _network.CheckFinite();
        using var managed = new ManagedBackend();
        var e = Assert.Throws<InvalidDataException>(() =>
            Evaluator.Evaluate(_network, managed, new BarsDataset(20, 1))
        );
        Assert.StartsWith("The loss of 'bars' over bars is not finite: it began in '", e.Message);
    }

    // A step from finite weights to infinite ones.
    private static Sgd Spoiling() => new() { LearningRate = 3e38f, WeightDecay = 1e4f };

    private Trainer Create(Optimizer optimizer, int epochs = 3, int batchSize = 16, Network? network = null) =>
        new(
            network ?? _network,
            _backend,
            new TrainerOptions
            {
                Epochs = epochs,
                BatchSize = batchSize,
                Optimizer = optimizer,
            }
        );

    private static void AssertRestored(TrainingDivergedException e, int lastGoodEpoch)
    {
        Assert.Equal(lastGoodEpoch, e.LastGoodEpoch);
        Assert.Equal(Enumerable.Range(1, lastGoodEpoch), e.History.Select(record => record.Epoch));
        Assert.EndsWith("Use a smaller learning rate.", e.Message, StringComparison.Ordinal);
    }

    private sealed class AfterEpoch(int epoch, Func<double[][]> look) : ITrainingObserver
    {
        public double[][]? Found { get; private set; }

        public void BatchFinished(in TrainingProgress progress) { }

        public void EpochFinished(EpochRecord record)
        {
            if (record.Epoch == epoch)
                Found = look();
        }
    }

    private sealed class AfterBatch(Action act) : ITrainingObserver
    {
        public void BatchFinished(in TrainingProgress progress) => act();

        public void EpochFinished(EpochRecord epoch) { }
    }
}

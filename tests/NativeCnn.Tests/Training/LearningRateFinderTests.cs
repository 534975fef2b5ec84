using NativeCnn.Backends.Native;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Training;

namespace NativeCnn.Tests.Training;

public sealed class LearningRateFinderTests
{
    [Fact]
    public void The_suggested_rate_learns_and_the_weights_are_as_they_were()
    {
        using var backend = new NativeBackend(1);
        using Network network = BarsDataset.CreateNetwork();
        float[][] before = Values(network);
        TrainerOptions options = new()
        {
            BatchSize = 16,
            Optimizer = new Sgd { LearningRate = 0.01f, Momentum = 0.9f },
        };
        var data = new BarsDataset(200, 1);
        LearningRateCurve curve = LearningRateFinder.Find(network, backend, data, options);
        Assert.Equal(before, Values(network));
        Assert.InRange(curve.Suggested!.Value, 1e-4, 1);
        Assert.Equal(1e-6, curve.Trials[0].Rate, 1e-12);
        double factor = curve.Trials[1].Rate / curve.Trials[0].Rate;
        for (int i = 1; i < curve.Trials.Count; i++)
            Assert.Equal(factor, curve.Trials[i].Rate / curve.Trials[i - 1].Rate, 1e-9);
        // The loss explodes: the search ends before its last rate.
        int tried = LearningRateFinder.Find(network, backend, data, options, highest: 1e9, steps: 150).Trials.Count;
        Assert.True(tried < 150, $"{tried} rates were tried.");
        Assert.Equal(curve.Trials, LearningRateFinder.Find(network, backend, data, options).Trials);

        TrainerOptions found = new()
        {
            Epochs = 5,
            BatchSize = 16,
            Optimizer = new Sgd { LearningRate = (float)curve.Suggested, Momentum = 0.9f },
        };
        using var trainer = new Trainer(network, backend, found);
        TrainingResult result = trainer.Train(data);
        Assert.True(result.History[^1].TrainLoss < 0.5 * result.History[0].TrainLoss, $"{result.History[^1]}");
    }

    [Fact]
    public void Impossible_numbers_are_refused_and_a_cancelled_search_has_found_nothing()
    {
        using var backend = new NativeBackend(1);
        using Network network = BarsDataset.CreateNetwork();
        var data = new BarsDataset(20, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateFinder.Find(network, backend, data, lowest: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            LearningRateFinder.Find(network, backend, data, lowest: 1, highest: 1)
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateFinder.Find(network, backend, data, steps: 1));
        TrainerOptions still = new() { Optimizer = new Sgd { LearningRate = 0 } };
        Assert.Throws<ArgumentException>(() => LearningRateFinder.Find(network, backend, data, still));
        LearningRateCurve none = LearningRateFinder.Find(
            network,
            backend,
            data,
            cancellation: new CancellationToken(canceled: true)
        );
        Assert.Empty(none.Trials);
        Assert.Null(none.Suggested);
    }

    private static float[][] Values(Network network) =>
        [.. network.Parameters.Select(parameter => parameter.Value.Span.ToArray())];
}

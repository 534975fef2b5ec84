using NativeCnn.Backends.Native;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Training;

namespace NativeCnn.Tests.Training;

/// <summary>Early stopping, runs on a thread of their own, several observers, and figures class by class.</summary>
public sealed class FollowedTrainingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_run_without_progress_ends_after_its_patience(int patience)
    {
        using var backend = new NativeBackend(1);
        using Network network = BarsDataset.CreateNetwork();
        // A rate of 0 leaves every epoch as the first.
        TrainerOptions options = new()
        {
            Epochs = 20,
            BatchSize = 8,
            Patience = patience,
            Optimizer = new Sgd { LearningRate = 0 },
        };
        using var trainer = new Trainer(network, backend, options);
        TrainingResult result = trainer.Train(new BarsDataset(30, 1), new BarsDataset(10, 2));
        Assert.Equal(1 + patience, result.History.Count);
        Assert.True(result.StoppedEarly);
        Assert.False(result.Interrupted);
    }

    [Fact]
    public void A_run_that_learns_goes_on()
    {
        using var backend = new NativeBackend(1);
        using Network network = BarsDataset.CreateNetwork();
        TrainerOptions options = new()
        {
            Epochs = 4,
            BatchSize = 8,
            Patience = 1,
            Optimizer = new Sgd { LearningRate = 0.05f },
        };
        using var trainer = new Trainer(network, backend, options);
        TrainingResult result = trainer.Train(new BarsDataset(200, 1));
        Assert.Equal(4, result.History.Count);
        Assert.False(result.StoppedEarly);
        Assert.True(result.Times.Steps > 0 && result.Times.Waiting >= 0 && result.Times.Testing >= 0);
    }

    [Fact]
    public async Task A_run_on_its_own_thread_gives_the_same_bits_and_ends_when_it_is_cancelled()
    {
        using var backend = new NativeBackend(2);
        using Network first = BarsDataset.CreateNetwork();
        using Network second = BarsDataset.CreateNetwork();
        TrainerOptions options = new() { Epochs = 2, BatchSize = 8 };
        using (var trainer = new Trainer(first, backend, options))
            trainer.Train(new BarsDataset(40, 1));
        using (var trainer = new Trainer(second, backend, options))
        {
            TrainingResult result = await trainer.FitAsync(new BarsDataset(40, 1));
            Assert.Equal(2, result.History.Count);
            using var source = new CancellationTokenSource();
            int mine = Environment.CurrentManagedThreadId;
            Task<TrainingResult> cancelled = trainer.FitAsync(
                new BarsDataset(40, 1) { Reading = _ => Assert.NotEqual(mine, Environment.CurrentManagedThreadId) },
                cancellation: new CancellationToken(canceled: true)
            );
            Assert.True((await cancelled).Interrupted);
        }
        for (int i = 0; i < first.Parameters.Count; i++)
            Assert.Equal(first.Parameters[i].Value.Span.ToArray(), second.Parameters[i].Value.Span.ToArray());
        using var failing = new Trainer(second, backend, options);
        await Assert.ThrowsAsync<InvalidDataException>(() =>
            failing.FitAsync(new BarsDataset(40, 1) { Mislabelled = 3 })
        );
    }

    [Fact]
    public void Several_observers_are_called_in_their_order()
    {
        List<string> calls = [];
        var list = new ObserverList(new Named("a", calls), new Named("b", calls));
        list.BatchFinished(default);
        list.EpochFinished(new EpochRecord(1, 0, 0, null, null, 0, 0));
        Assert.Equal(["a batch", "b batch", "a epoch", "b epoch"], calls);
        Assert.Throws<ArgumentNullException>(() => new ObserverList(list, null!));
    }

    [Fact]
    public void Precision_recall_and_F1_are_those_of_a_matrix_worked_out_by_hand()
    {
        var matrix = new ConfusionMatrix(["a", "b", "c", "d"]);
        foreach (
            (int actual, int predicted, int times) in ((int, int, int)[])[(0, 0, 3), (0, 1, 1), (1, 1, 2), (2, 0, 2)]
        )
        {
            for (int i = 0; i < times; i++)
                matrix.Add(actual, predicted);
        }
        Assert.Equal(4, matrix.Examples(0));
        Assert.Equal(3.0 / 4, matrix.Recall(0));
        Assert.Equal(3.0 / 5, matrix.Precision(0));
        Assert.Equal(2 * 0.75 * 0.6 / 1.35, matrix.F1(0)!.Value, 1e-12);
        Assert.Equal(1, matrix.Recall(1));
        Assert.Equal(2.0 / 3, matrix.Precision(1));
        Assert.Equal(0, matrix.Recall(2));
        Assert.Null(matrix.Precision(2));
        Assert.Equal(0, matrix.F1(2));
        Assert.Null(matrix.Recall(3));
        Assert.Null(matrix.F1(3));
    }

    [Theory]
    [InlineData(new float[] { 1, 5, 3, 3 }, new[] { 3, 0, 1, 2 })]
    [InlineData(new float[] { 2, 2, 2, 2 }, new[] { 0, 1, 2, 3 })]
    public void A_classs_rank_is_its_place_among_the_outputs(float[] outputs, int[] ranks)
    {
        for (int label = 0; label < outputs.Length; label++)
            Assert.Equal(ranks[label], Accuracy.Rank(outputs, label));
    }

    [Fact]
    public void The_worst_mistakes_are_those_with_the_largest_margins()
    {
        using var backend = new NativeBackend(1);
        using Network network = BarsDataset.CreateNetwork();
        var data = new BarsDataset(50, 3);
        IReadOnlyList<Mistake> all = Mistake.FindWorst(network, backend, data, 7, 100);
        EvaluationResult evaluation = Evaluator.Evaluate(network, backend, data);
        Assert.NotEmpty(all);
        Assert.Equal(50 - (int)Math.Round(50 * evaluation.Accuracy), all.Count);
        Assert.All(all, mistake => Assert.NotEqual(mistake.Actual, mistake.Predicted));
        Assert.All(all, mistake => Assert.Equal(data.Label(mistake.Index), mistake.Actual));
        Assert.Equal(all.OrderByDescending(mistake => mistake.Margin), all);
        Assert.Equal(all.Take(3), Mistake.FindWorst(network, backend, data, 7, 3));
    }

    private sealed class Named(string name, List<string> calls) : ITrainingObserver
    {
        public void BatchFinished(in TrainingProgress progress) => calls.Add($"{name} batch");

        public void EpochFinished(EpochRecord epoch) => calls.Add($"{name} epoch");
    }
}

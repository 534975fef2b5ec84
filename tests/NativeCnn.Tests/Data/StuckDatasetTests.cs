using NativeCnn.Backends.Managed;
using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Training;
using NativeCnn.Training;

namespace NativeCnn.Tests.Data;

/// <summary>A data set that never returns from a reading holds up nobody who cancels or disposes.</summary>
public sealed class StuckDatasetTests : IDisposable
{
    private readonly ManualResetEventSlim _reading = new();
    private readonly ManualResetEventSlim _release = new();
    private readonly CancellationTokenSource _source = new();

    // Long enough for a test that fails to say so, and not to hang.
    private static readonly TimeSpan Ever = TimeSpan.FromMinutes(2);

    public void Dispose()
    {
        // Threads that are left in the data set end, and nothing is disposed under them.
        _release.Set();
        _source.Dispose();
    }

    [Fact]
    public async Task Next_and_StartEpoch_return_when_they_are_cancelled()
    {
        using var loader = new BatchLoader(Stuck(2), 2, shuffle: false) { Patience = TimeSpan.Zero };
        loader.StartEpoch(0, _source.Token);
        Assert.Equal(0, loader.Next(_source.Token)!.Indices[0]);
        Task next = Task.Run(() => loader.Next(_source.Token));
        _reading.Wait(Ever);
        Assert.False(next.IsCompleted);
        await _source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Ever));
        Assert.ThrowsAny<OperationCanceledException>(() => loader.Next(_source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => loader.StartEpoch(1, _source.Token));
        Assert.Throws<InvalidOperationException>(() => loader.Next());
        // When it returns after all, everything goes on.
        _release.Set();
        loader.StartEpoch(2);
        Assert.Equal(0, loader.Next()!.Indices[0]);
        Assert.Equal(2, loader.Next()!.Indices[0]);
    }

    [Fact]
    public void Disposal_leaves_the_stuck_thread_behind_and_its_memory_to_it()
    {
        var loader = new BatchLoader(Stuck(2), 2, shuffle: false) { Patience = TimeSpan.FromMilliseconds(1) };
        loader.StartEpoch(0);
        Tensor images = loader.Next()!.Images;
        _reading.Wait(Ever);
        loader.Dispose();
        Assert.False(images.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => loader.Next());
        Assert.Throws<ObjectDisposedException>(() => loader.StartEpoch(1));
        _release.Set();
        Assert.True(SpinWait.SpinUntil(() => images.IsDisposed, Ever));
    }

    [Fact]
    public async Task Disposal_by_another_thread_ends_the_wait_for_a_batch()
    {
        var loader = new BatchLoader(Stuck(0), 2, shuffle: false) { Patience = TimeSpan.Zero };
        loader.StartEpoch(0);
        Task next = Task.Run(() => loader.Next());
        _reading.Wait(Ever);
        loader.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => next.WaitAsync(Ever));
    }

    [Fact]
    public async Task Training_on_it_ends_when_it_is_cancelled_and_keeps_what_was_learned()
    {
        using var backend = new ManagedBackend();
        using Network network = BarsDataset.CreateNetwork();
        using var trainer = new Trainer(network, backend, new TrainerOptions { BatchSize = 2 });
        Task<TrainingResult> run = Task.Run(() => trainer.Train(StuckBars(), null, null, _source.Token));
        _reading.Wait(Ever);
        await _source.CancelAsync();
        TrainingResult result = await run.WaitAsync(Ever);
        Assert.True(result.Interrupted);
        Assert.Empty(result.History);
        network.CheckFinite();
    }

    [Fact]
    public async Task Testing_on_it_ends_when_it_is_cancelled_in_training_and_alone()
    {
        using var backend = new ManagedBackend();
        using Network network = BarsDataset.CreateNetwork();
        using var trainer = new Trainer(network, backend, new TrainerOptions { BatchSize = 16 });
        Task<TrainingResult> run = Task.Run(() =>
            trainer.Train(new BarsDataset(32, 1), StuckBars(), null, _source.Token)
        );
        _reading.Wait(Ever);
        await _source.CancelAsync();
        TrainingResult result = await run.WaitAsync(Ever);
        Assert.True(result.Interrupted);
        Assert.Empty(result.History);
        Task alone = Task.Run(() => Evaluator.Evaluate(network, backend, StuckBars(), 2, _source.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone.WaitAsync(Ever));
    }

    [Fact]
    public void An_error_of_the_set_is_not_taken_for_a_cancellation()
    {
        using var backend = new ManagedBackend();
        using Network network = BarsDataset.CreateNetwork();
        using var trainer = new Trainer(network, backend);
        var error = new OperationCanceledException("the set's own");
        var data = new BarsDataset(32, 1) { Reading = _ => throw error };
        Assert.Same(
            error,
            Assert.Throws<OperationCanceledException>(() => trainer.Train(data, null, null, _source.Token))
        );
    }

    private NumberedDataset Stuck(int at) =>
        new(10)
        {
            Reading = index =>
            {
                if (index == at)
                    Hang();
            },
        };

    private BarsDataset StuckBars() => new(32, 1) { Reading = _ => Hang() };

    private void Hang()
    {
        _reading.Set();
        _release.Wait();
    }
}

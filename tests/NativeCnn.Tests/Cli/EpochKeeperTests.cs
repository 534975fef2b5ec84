using NativeCnn.Backends.Managed;
using NativeCnn.Cli;
using NativeCnn.Cli.Output;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Tests.Cli;

/// <summary>Only good epochs reach the files.</summary>
public sealed class EpochKeeperTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_finished_epoch_is_kept_and_one_that_was_interrupted_lies_beside_it()
    {
        using Network network = ModelCatalog.Create("lenet", new Shape(1, 28, 28, 1), 10, 1);
        using ManagedBackend backend = new();
        using Trainer trainer = new(network, backend, new TrainerOptions { BatchSize = 1 });
        TrainedFiles files = new(_folder.Path, "lenet");
        using TrainingDisplay display = new(new CommandOutput(TextWriter.Null, width: null), 3);
        EpochKeeper keeper = new(trainer, files, 3, display);

        // Nothing finished yet: nothing is written.
        Assert.False(keeper.SaveInterrupted());
        Assert.Empty(Directory.GetFiles(_folder.Path));
        Assert.Contains("nothing was written", keeper.Kept());

        keeper.EpochFinished(new EpochRecord(1, 0.5, 0.5, 0.5, 0.5, 1, 100));
        Dictionary<string, byte[]> good = Files();
        Assert.Contains("Epoch 1 of 3", keeper.Kept());
        Assert.Single(keeper.History);
        keeper.BatchFinished(new TrainingProgress(2, 3, 1, 5, 0.5, 0.5, 100, TimeSpan.Zero));
        network.Parameters[^1].Value.Span[0] = float.NegativeInfinity;
        Assert.False(keeper.SaveInterrupted());
        Assert.Equal(good, Files());
        network.Parameters[^1].Value.Span[0] = 0;
        Assert.True(keeper.SaveInterrupted());
        Assert.Contains(files.Interrupted, Files().Keys);
    }

    private Dictionary<string, byte[]> Files() =>
        Directory.GetFiles(_folder.Path).Order().ToDictionary(path => path, File.ReadAllBytes);
}

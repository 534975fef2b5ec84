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

    [Theory]
    [InlineData("weights", 0.5, 0.5)]
    [InlineData("loss", double.NaN, 0.5)]
    [InlineData("test loss", 0.5, double.NaN)]
    [InlineData("test loss", 0.5, double.PositiveInfinity)]
    public void An_epoch_that_is_not_finite_leaves_the_last_good_one(string what, double loss, double testLoss)
    {
        using Network network = ModelCatalog.Create("lenet", new Shape(1, 28, 28, 1), 10, 1);
        using ManagedBackend backend = new();
        using Trainer trainer = new(network, backend, new TrainerOptions { BatchSize = 1 });
        TrainedFiles files = new(_folder.Path, "lenet");
        using TrainingDisplay display = new(new CommandOutput(TextWriter.Null, width: null), 3);
        EpochKeeper keeper = new(trainer, files, 3, display);

        // Nothing good yet: nothing is written.
        Assert.Throws<TrainingDivergedException>(() => keeper.EpochFinished(Record(1, double.NaN, 0.5)));
        Assert.Empty(Directory.GetFiles(_folder.Path));
        Assert.Contains("nothing was written", keeper.Kept());

        keeper.EpochFinished(Record(1, 0.5, 0.5));
        Dictionary<string, byte[]> good = Files();
        if (what == "weights")
            network.Parameters[^1].Value.Span[0] = float.NegativeInfinity;
        Assert.Throws<TrainingDivergedException>(() => keeper.EpochFinished(Record(2, loss, testLoss)));
        Assert.Equal(good, Files());
        Assert.Contains("Epoch 1 of 3", keeper.Kept());
        Assert.Single(keeper.History);
    }

    private Dictionary<string, byte[]> Files() =>
        Directory.GetFiles(_folder.Path).Order().ToDictionary(path => path, File.ReadAllBytes);

    private static EpochRecord Record(int epoch, double loss, double testLoss) =>
        new(epoch, loss, 0.5, testLoss, 0.5, 1, 100);
}

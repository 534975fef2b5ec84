using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Formats;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Schedules;
using NativeCnn.Storage;
using NativeCnn.Tests.Cli;
using NativeCnn.Training;
using SoftmaxCrossEntropy = NativeCnn.Losses.SoftmaxCrossEntropy;

namespace NativeCnn.Tests.Training;

/// <summary>A run that goes on from a checkpoint ends with the same bits as one that was never stopped.</summary>
public sealed class CheckpointTests : IDisposable
{
    private const int Batches = 9;

    private readonly TemporaryFolder _folder = new();
    private readonly BarsDataset _train = new(70, 1);
    private readonly BarsDataset _test = new(20, 2);

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Settings =>
        ["sgd", "adam", "rmsprop", "adagrad", "diagonal", "plateau", "accumulated", "clipped", "managed"];

    [Theory]
    [MemberData(nameof(Settings))]
    public void A_run_stopped_after_any_batch_and_resumed_ends_with_the_same_bits(string setting)
    {
        using Backend backend = setting == "managed" ? new ManagedBackend() : new NativeBackend(2);
        (float[][] whole, IReadOnlyList<EpochRecord> history) = Run(backend, setting, out List<string> checkpoints);
        // One after each step and one more at each epoch's end.
        int perEpoch = (setting == "accumulated" ? (Batches + 1) / 3 : Batches) + 1;
        Assert.Equal(3 * perEpoch, checkpoints.Count);
        foreach (string path in checkpoints)
        {
            using Network network = CreateOther(setting);
            using var trainer = new Trainer(network, backend, Options(setting));
            TrainingResult result = trainer.Resume(Checkpoint.Open(path), _train, _test);
            Assert.Equal(whole, Values(network));
            Assert.Equal(history.Select(Comparable), result.History.Select(Comparable));
            Assert.False(result.Interrupted);
        }
    }

    [Fact]
    public void A_checkpoint_of_a_cancelled_run_goes_on_to_the_same_bits_on_other_threads()
    {
        using Backend backend = new NativeBackend(2);
        (float[][] whole, _) = Run(backend, "sgd", out _);
        string path = _folder.At("cancelled");
        using (Network network = CreateNetwork(1))
        {
            using var trainer = new Trainer(network, backend, Options("sgd"));
            Assert.False(trainer.CanSaveCheckpoint);
            Assert.Throws<InvalidOperationException>(() => trainer.SaveCheckpoint(path));
            using var source = new CancellationTokenSource();
            int batches = 0;
            var observer = new Observer { Batch = () => Cancel(++batches == 13) };
            void Cancel(bool now)
            {
                if (now)
                    source.Cancel();
            }
            Assert.True(trainer.Train(_train, _test, observer, source.Token).Interrupted);
            trainer.SaveCheckpoint(path, new Dictionary<string, string> { ["note"] = "at night" });
        }
        var checkpoint = Checkpoint.Open(path);
        Assert.Equal(1, checkpoint.FinishedEpochs);
        Assert.Equal(13 - Batches, checkpoint.Step);
        Assert.Equal("at night", checkpoint.Metadata["note"]);
        Assert.Equal("epoch 2, after step 4", checkpoint.ToString());
        using (Network read = ModelFile.Load(path))
            Assert.Equal(5, read.Nodes.Count);
        using Backend other = new NativeBackend(3);
        using Network resumed = CreateOther();
        using var second = new Trainer(resumed, other, Options("sgd"));
        second.Resume(checkpoint, _train, _test);
        Assert.Equal(whole, Values(resumed));
    }

    [Fact]
    public void A_cancelled_run_whose_accumulated_batches_took_an_early_step_has_no_checkpoint()
    {
        using Backend backend = new NativeBackend(1);
        using Network network = CreateNetwork(1);
        using var trainer = new Trainer(network, backend, Options("accumulated"));
        using var source = new CancellationTokenSource();
        trainer.Train(_train, _test, new Observer { Batch = source.Cancel }, source.Token);
        Assert.False(trainer.CanSaveCheckpoint);
        Assert.False(new CheckpointKeeper(trainer, _folder.Path).SaveNow());
    }

    public static TheoryData<string, string[]> Others =>
        new()
        {
            { "epochs", ["epochs", "3", "4"] },
            { "batch", ["batch size", "8", "10"] },
            { "seed", ["seed", "1", "2"] },
            { "rate", ["optimiser", "learningRate 0.05", "learningRate 0.1"] },
            { "nesterov", ["optimiser", "Sgd learning", "Sgd (Nesterov)"] },
            { "adam", ["optimiser", "Sgd", "Adam"] },
            { "plateau", ["schedule", "CosineSchedule", "PlateauSchedule"] },
            { "smoothing", ["loss", "SoftmaxCrossEntropy"] },
            { "patience", ["early stopping", "none there", "2 here"] },
            { "penalty", ["penalties", "none", "L2 0.001"] },
            { "clipped", ["clipping", "none", "by norm 0.5"] },
            { "accumulated", ["accumulated batches", "1", "3"] },
            { "examples", ["training examples", "70 of bars", "content"] },
            { "test", ["test examples", "20 of bars", "none"] },
            { "network", ["another network", "bars with", "others with"] },
            { "network's seed", ["network's seed", "1 there", "2 here"] },
            { "backend", ["backend", "managed", "native"] },
        };

    [Theory]
    [MemberData(nameof(Others))]
    public void A_run_of_other_settings_examples_or_network_is_refused_and_changes_nothing(string other, string[] words)
    {
        using Backend backend = new ManagedBackend();
        using Backend native = new NativeBackend(1);
        Run(backend, "sgd", out List<string> checkpoints);
        using Network network =
            other == "network"
                ? NetworkBuilder.Start(8, 8, 1).Dense(2).Build(1, "others")
                : CreateNetwork(other == "network's seed" ? 2UL : 1);
        float[][] before = Values(network);
        using var trainer = new Trainer(network, other == "backend" ? native : backend, Options(other));
        BarsDataset train = other == "examples" ? new BarsDataset(70, 3) : _train;
        var e = Assert.Throws<ArgumentException>(() =>
            trainer.Resume(Checkpoint.Open(checkpoints[4]), train, other == "test" ? null : _test)
        );
        foreach (string word in words.Append(checkpoints[4]))
            Assert.Contains(word, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.Equal(before, Values(network));
    }

    [Fact]
    public void A_keeper_keeps_the_last_ones_and_the_best_and_a_new_run_replaces_them()
    {
        using Backend backend = new NativeBackend(1);
        string folder = _folder.At("kept");
        TrainingResult result = KeptRun(backend, folder, seed: 1);
        Assert.Equal(
            ["best.safetensors", "checkpoint-000002-00000008.safetensors", "checkpoint-000003-00000000.safetensors"],
            Names(folder)
        );
        int best = result.History.MinBy(epoch => epoch.TestLoss)!.Epoch;
        Assert.Equal(best, Checkpoint.Open(Path.Combine(folder, "best.safetensors")).FinishedEpochs);
        Assert.Equal(3, CheckpointKeeper.FindLatest(folder)!.FinishedEpochs);
        // One that another program damaged is reported, and the one before it is taken.
        File.WriteAllText(Path.Combine(folder, "checkpoint-000003-00000000.safetensors"), "?");
        List<string> reports = [];
        Assert.Equal(8, CheckpointKeeper.FindLatest(folder, reports.Add)!.Step);
        Assert.Single(reports);
        KeptRun(backend, folder, seed: 2, epochs: 1);
        Assert.Equal(
            ["best.safetensors", "checkpoint-000000-00000008.safetensors", "checkpoint-000001-00000000.safetensors"],
            Names(folder)
        );
        Assert.Null(CheckpointKeeper.FindLatest(_folder.At("missing")));
    }

    [Fact]
    public void A_folder_that_vanishes_ends_the_run_with_one_line()
    {
        using Backend backend = new NativeBackend(1);
        string folder = _folder.At("gone");
        using Network network = CreateNetwork(1);
        using var trainer = new Trainer(network, backend, Options("sgd"));
        var keeper = new CheckpointKeeper(trainer, folder);
        var observer = new Observer
        {
            Epoch = epoch =>
            {
                keeper.EpochFinished(epoch);
                Directory.Move(folder, folder + "-moved");
            },
        };
        var e = Assert.Throws<DirectoryNotFoundException>(() => trainer.Train(_train, _test, observer));
        Assert.Contains(folder, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.Equal(1, CheckpointKeeper.FindLatest(folder + "-moved")!.FinishedEpochs);
    }

    [Fact]
    public void A_file_that_is_no_checkpoint_is_refused_by_name()
    {
        string path = _folder.At("model");
        using (Network network = CreateNetwork(1))
            ModelFile.Save(path, network);
        Assert.Contains(path, Assert.Throws<DataFormatException>(() => Checkpoint.Open(path)).Message);
        using (Network network = CreateNetwork(1))
            ModelFile.Save(path, network, new Dictionary<string, string> { ["nativecnn.run"] = "{\"version\":1}" });
        Assert.Contains(path, Assert.Throws<DataFormatException>(() => Checkpoint.Open(path)).Message);
    }

    private TrainingResult KeptRun(Backend backend, string folder, ulong seed, int epochs = 3)
    {
        using Network network = CreateNetwork(seed);
        using var trainer = new Trainer(network, backend, Options("sgd", epochs));
        return trainer.Train(_train, _test, new CheckpointKeeper(trainer, folder) { EveryBatches = 4 });
    }

    // The uninterrupted run, with a checkpoint wherever there can be one.
    private (float[][] Weights, IReadOnlyList<EpochRecord> History) Run(
        Backend backend,
        string setting,
        out List<string> checkpoints
    )
    {
        List<string> paths = [];
        using Network network = CreateNetwork(1, setting);
        using var trainer = new Trainer(network, backend, Options(setting));
        void Save()
        {
            if (!trainer.CanSaveCheckpoint)
                return;
            paths.Add(_folder.At($"{paths.Count}"));
            trainer.SaveCheckpoint(paths[^1]);
        }
        TrainingResult result = trainer.Train(_train, _test, new Observer { Batch = Save, Epoch = _ => Save() });
        checkpoints = paths;
        return (Values(network), result.History);
    }

    private static object Comparable(EpochRecord r) =>
        (r.Epoch, r.TrainLoss, r.TrainAccuracy, r.TestLoss, r.TestAccuracy);

    private static string[] Names(string folder) =>
        [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static float[][] Values(Network network) =>
        [.. network.Parameters.Select(parameter => parameter.Value.Span.ToArray())];

    // Batch norm has state of its own, dropout counts steps; neither has second derivatives.
    private static Network CreateNetwork(ulong seed, string setting = "") =>
        setting == "diagonal"
            ? NetworkBuilder.Start(8, 8, 1).Convolution(4, 3).Tanh().Dense(2).Build(seed, "bars")
            : NetworkBuilder
                .Start(8, 8, 1)
                .Convolution(4, 3)
                .BatchNorm()
                .Relu()
                .Dropout(0.2f)
                .Dense(2)
                .Build(seed, "bars");

    // The same layers with other weights and another state.
    private static Network CreateOther(string setting = "")
    {
        Network network = CreateNetwork(1, setting);
        foreach (Parameter parameter in network.Parameters)
            parameter.Value.Span.Fill(0.25f);
        return network;
    }

    private static TrainerOptions Options(string setting, int epochs = 3) =>
        new()
        {
            Epochs = setting == "epochs" ? 4 : epochs,
            BatchSize = setting == "batch" ? 10 : 8,
            Patience = setting == "patience" ? 2 : null,
            Seed = setting == "seed" ? 2UL : 1,
            Optimizer = setting switch
            {
                "adam" => new Adam { WeightDecay = 0.01f },
                "rmsprop" => new RmsProp { Momentum = 0.9f, LearningRate = 0.001f },
                "adagrad" => new Adagrad(),
                "diagonal" => new DiagonalLevenbergMarquardt { SampleCount = 20 },
                _ => new Sgd
                {
                    LearningRate = setting == "rate" ? 0.1f : 0.05f,
                    Momentum = 0.9f,
                    IsNesterov = setting == "nesterov",
                },
            },
            Schedule = setting == "plateau" ? new PlateauSchedule(0, 0.5, 1) : new CosineSchedule(),
            Loss =
                setting == "diagonal" ? new SquaredError()
                : setting == "smoothing" ? new SoftmaxCrossEntropy { Smoothing = 0.1 }
                : new SoftmaxCrossEntropy(),
            Penalties =
                setting == "penalty"
                    ? [new WeightPenalty(NativeCnn.Backends.Operations.WeightPenaltyKind.L2, 0.001)]
                    : [],
            Clipping = setting == "clipped" ? GradientClipping.ByNorm(0.5) : null,
            AccumulatedBatches = setting == "accumulated" ? 3 : 1,
        };

    private sealed class Observer : ITrainingObserver
    {
        public Action Batch { get; init; } = () => { };

        public Action<EpochRecord> Epoch { get; init; } = _ => { };

        public void BatchFinished(in TrainingProgress progress) => Batch();

        public void EpochFinished(EpochRecord epoch) => Epoch(epoch);
    }
}

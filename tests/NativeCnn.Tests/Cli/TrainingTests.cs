using System.Globalization;
using System.Text.Json;
using NativeCnn.Formats;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Cli;

/// <summary>Train, evaluate and predict as a user runs them, one after the other.</summary>
public sealed class TrainingTests : IDisposable
{
    private const string Data = "digits:640,200";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_prints_one_object_and_evaluate_finds_the_same_accuracy()
    {
        CommandResult trained = Train("--epochs", "2", "--json");
        JsonElement json = trained.Json;
        Assert.Single(trained.Output.TrimEnd('\n').Split('\n'));
        Assert.Contains("epoch 2/2", trained.Error);
        Assert.Equal("lenet", json.GetProperty("model").GetString());
        Assert.Equal(2, json.GetProperty("epochs").GetInt32());
        Assert.Equal(2, json.GetProperty("threads").GetInt32());
        Assert.Equal(7UL, json.GetProperty("seed").GetUInt64());
        Assert.InRange(json.GetProperty("train_seconds").GetDouble(), 1e-6, 1000);
        Assert.InRange(json.GetProperty("images_per_second").GetDouble(), 1e-3, 1e9);
        double accuracy = json.GetProperty("test_accuracy").GetDouble();
        // Ten classes: anything that learned is far above 0.1.
        Assert.InRange(accuracy, 0.3, 1);
        string weights = json.GetProperty("weights").GetString()!;
        Assert.Equal(_folder.At("lenet.safetensors"), weights);

        JsonElement evaluated = CommandLine.Run("evaluate", "--weights", weights, "--data", Data, "--json").Json;
        Assert.Equal(200, evaluated.GetProperty("examples").GetInt32());
        Assert.Equal(accuracy, evaluated.GetProperty("test_accuracy").GetDouble());
        int[][] confusion = evaluated.GetProperty("confusion_matrix").Deserialize<int[][]>()!;
        Assert.Equal(200, confusion.Sum(row => row.Sum()));
        Assert.Equal(accuracy, confusion.Select((row, i) => row[i]).Sum() / 200.0, 1e-12);
    }

    [Fact]
    public void The_history_has_one_row_per_epoch()
    {
        Assert.Equal(0, Train("--epochs", "2").ExitCode);
        string[] lines = File.ReadAllLines(_folder.At("history.csv"));
        Assert.Equal("epoch,train_loss,train_accuracy,test_loss,test_accuracy,seconds,images_per_second", lines[0]);
        Assert.Equal(3, lines.Length);
        double[][] rows =
        [
            .. lines
                .Skip(1)
                .Select(l => l.Split(',').Select(c => double.Parse(c, CultureInfo.InvariantCulture)).ToArray()),
        ];
        Assert.Equal([1, 2], rows.Select(r => (int)r[0]));
        Assert.True(rows[1][1] < rows[0][1], "The training loss did not fall.");
    }

    [Fact]
    public void Train_prints_accuracy_confusion_and_files()
    {
        CommandResult result = Train("--epochs", "1");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Error);
        foreach (
            string text in (string[])
                ["epoch 1/1", "Test accuracy", "predicted", _folder.At("lenet.safetensors"), _folder.At("history.csv")]
        )
            Assert.Contains(text, result.Output);
        Assert.DoesNotContain('\u001b', result.Output);
    }

    [Fact]
    public void Predict_gives_labels_and_probabilities_of_examples_and_pictures()
    {
        Assert.Equal(0, Train("--epochs", "1").ExitCode);
        string weights = _folder.At("lenet.safetensors");
        JsonElement[] examples = Predictions(
            CommandLine.Run("predict", "--weights", weights, "--data", Data, "--index", "3,5", "--json")
        );
        Assert.Equal(2, examples.Length);
        foreach (JsonElement example in examples)
        {
            double[] probabilities = example.GetProperty("probabilities").Deserialize<double[]>()!;
            Assert.Equal(10, probabilities.Length);
            Assert.Equal(1, probabilities.Sum(), 1e-5);
            Assert.Equal(probabilities.Max(), probabilities[example.GetProperty("label").GetInt32()]);
            Assert.InRange(example.GetProperty("actual").GetInt32(), 0, 9);
        }

        string picture = _folder.At("digit.pgm");
        File.WriteAllBytes(picture, [.. "P5\n# a comment\n40 30\n255\n"u8, .. new byte[40 * 30]]);
        JsonElement blank = Assert.Single(
            Predictions(CommandLine.Run("predict", "--weights", weights, picture, "--json"))
        );
        Assert.Equal(picture, blank.GetProperty("example").GetString());
        Assert.False(blank.TryGetProperty("actual", out _));

        CommandLine
            .Run("predict", "--weights", weights, "--data", Data, "--index", "200")
            .AssertError(2, "--index 200", "199");
        File.WriteAllBytes(picture, [.. "P5 28 28 255\n"u8, .. new byte[100]]);
        CommandLine.Run("predict", "--weights", weights, picture).AssertError(1, picture);
    }

    [Fact]
    public void Training_that_diverges_stops_with_step_and_layer_and_leaves_a_good_run_as_it_was()
    {
        Assert.Equal(0, Train("--epochs", "1").ExitCode);
        Dictionary<string, byte[]> before = Files();
        CommandResult result = CommandLine.Run(
            "train",
            "--data",
            Data,
            "--epochs",
            "3",
            "--lr",
            "1000",
            "--out",
            _folder.Path,
            "--overwrite"
        );
        Assert.DoesNotContain("Test accuracy", result.Output);
        result.AssertError(1, "step", "No epoch was finished: nothing was written");
        Assert.Equal(before, Files());
    }

    [Fact]
    public void A_folder_that_holds_another_run_is_refused_without_overwrite()
    {
        Assert.Equal(0, Train("--epochs", "1").ExitCode);
        Dictionary<string, byte[]> before = Files();
        Train("--epochs", "2").AssertError(1, _folder.Path, "--out", "--overwrite");
        Assert.Equal(before, Files());
        File.Delete(_folder.At("lenet.safetensors"));
        File.Delete(_folder.At("lenet.optimizer.safetensors"));
        Train("--epochs", "2").AssertError(1, "history.csv", "--overwrite");

        Assert.Equal(0, Train("--epochs", "2", "--overwrite").ExitCode);
        Assert.Equal(before.Keys.Order(), Files().Keys.Order());
        Assert.Equal(3, File.ReadAllLines(_folder.At("history.csv")).Length);
    }

    [Fact]
    public void What_killed_runs_left_is_removed_and_nothing_else()
    {
        string leftover = _folder.At($".nativecnn-{new string('a', 32)}.tmp");
        string notOurs = _folder.At(".nativecnn-notes.tmp");
        File.WriteAllText(leftover, "half");
        File.WriteAllText(notOurs, "notes");
        Assert.Equal(0, Train("--epochs", "1").ExitCode);
        Assert.False(File.Exists(leftover));
        Assert.True(File.Exists(notOurs));
    }

    [Theory]
    [InlineData("--optimizer sgd")]
    [InlineData("--optimizer diagonal --damping 1")]
    public void The_state_of_the_optimiser_is_kept_with_the_weights(string arguments)
    {
        Assert.Equal(0, Train(["--epochs", "1", .. arguments.Split(' ')]).ExitCode);
        using SafetensorsFile state = SafetensorsFile.Open(_folder.At("lenet.optimizer.safetensors"));
        using SafetensorsFile weights = SafetensorsFile.Open(_folder.At("lenet.safetensors"));
        Assert.Equal("20", state.Metadata["steps"]);
        Assert.Equal(weights.Entries.Count, state.Entries.Count);
        foreach (SafetensorsEntry entry in state.Entries)
        {
            float[] values = new float[entry.Dimensions.Aggregate(1, (a, b) => a * b)];
            state.Read(entry.Name, values);
            Assert.Contains(values, value => value != 0);
        }
    }

    [Fact]
    public void An_exploded_but_finite_loss_is_warned_of()
    {
        // One enormous step: the test after it has a finite loss.
        CommandResult result = CommandLine.Run(
            "train",
            "--data",
            "digits:64,64",
            "--epochs",
            "1",
            "--lr",
            "100",
            "--momentum",
            "0",
            "--out",
            _folder.Path
        );
        result.AssertError(0, "far worse than that of guessing, 2.3026", "--lr");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Weights_that_are_not_finite_are_refused(float value)
    {
        string weights = _folder.At("bad.safetensors");
        using (Network network = ModelCatalog.Create("lenet", new Shape(1, 28, 28, 1), 10, 1))
        {
            network.Parameters[2].Value.Span[7] = value;
            ModelFile.Save(weights, network);
        }
        CommandLine.Run("evaluate", "--weights", weights, "--data", "digits:64").AssertError(1, weights, "not finite");
        CommandLine
            .Run("predict", "--weights", weights, "--data", "digits:64", "--index", "0")
            .AssertError(1, weights, "not finite");
    }

    [Fact]
    public void The_backends_agree_on_trained_weights()
    {
        Assert.Equal(0, Train("--epochs", "1").ExitCode);
        double[] losses =
        [
            .. ((string[])["native", "managed"]).Select(backend =>
                CommandLine
                    .Run(
                        "evaluate",
                        "--weights",
                        _folder.At("lenet.safetensors"),
                        "--data",
                        "digits:10,20",
                        "--backend",
                        backend,
                        "--json"
                    )
                    .Json.GetProperty("test_loss")
                    .GetDouble()
            ),
        ];
        Assert.Equal(losses[1], losses[0], 1e-4 * losses[1]);
    }

    [SharedDataFact]
    public void Real_digits_are_read_and_held_out()
    {
        string data = $"mnist:{SharedData.Mnist}";
        JsonElement json = CommandLine
            .Run("train", "--data", data, "--holdout", "2000", "--epochs", "1", "--out", _folder.Path, "--json")
            .Json;
        double accuracy = json.GetProperty("test_accuracy").GetDouble();
        Assert.InRange(accuracy, 0.9, 1);
        JsonElement evaluated = CommandLine
            .Run(
                "evaluate",
                "--weights",
                json.GetProperty("weights").GetString()!,
                "--data",
                data,
                "--holdout",
                "2000",
                "--json"
            )
            .Json;
        Assert.Equal(2000, evaluated.GetProperty("examples").GetInt32());
        Assert.Equal(accuracy, evaluated.GetProperty("test_accuracy").GetDouble());
    }

    private Dictionary<string, byte[]> Files() =>
        Directory.GetFiles(_folder.Path).Order().ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);

    private CommandResult Train(params string[] more) =>
        CommandLine.Run([
            "train",
            "--data",
            Data,
            "--lr",
            "0.01",
            "--batch",
            "32",
            "--threads",
            "2",
            "--seed",
            "7",
            "--out",
            _folder.Path,
            .. more,
        ]);

    private static JsonElement[] Predictions(CommandResult result) =>
        [.. result.Json.GetProperty("predictions").EnumerateArray()];
}

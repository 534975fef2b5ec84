using System.Diagnostics;
using NativeCnn.Formats;
using NativeCnn.Networks;
using NativeCnn.Randomness;
using NativeCnn.Training;

namespace NativeCnn.Tests.Cli;

/// <summary>Runs that were stopped go on, and runs are repeated, through the command.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [InlineData(3, 15)]
    public void A_run_that_is_killed_again_and_again_ends_with_the_same_bits(int kills, int epochs) =>
        KillAndResume(kills, epochs);

    [UnixTheory, Trait("Category", "Slow")]
    [InlineData(20, 60)]
    public void A_run_that_is_killed_twenty_times_ends_with_the_same_bits(int kills, int epochs) =>
        KillAndResume(kills, epochs);

    [Fact]
    public void A_run_is_repeated_by_its_file_of_settings_and_what_is_typed_comes_before()
    {
        string first = _folder.At("first");
        Run("--out", first, "--lr", "0.02", "--penalty", "l1:1e-5", "--penalty", "l2:1e-4", "--exact");
        string settings = Path.Combine(first, "run.json");
        string text = File.ReadAllText(settings);
        foreach (
            string line in (string[])
                ["\"lr\": 0.02", "\"exact\": true", "\"epochs\": 2", "\"l1:1e-5\"", "\"model\": \"lenet\""]
        )
            Assert.Contains(line, text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"out\"", text, StringComparison.Ordinal);

        string second = _folder.At("second");
        Assert.Equal(0, CommandLine.Run("train", "--config", settings, "--out", second).ExitCode);
        Assert.Equal(Bytes(first, "lenet.safetensors"), Bytes(second, "lenet.safetensors"));
        Assert.Equal(text, File.ReadAllText(Path.Combine(second, "run.json")));

        string third = _folder.At("third");
        Assert.Equal(0, CommandLine.Run("train", "--config", settings, "--out", third, "--seed", "2").ExitCode);
        Assert.NotEqual(Bytes(first, "lenet.safetensors"), Bytes(third, "lenet.safetensors"));
        Assert.Contains("\"seed\": 2", File.ReadAllText(Path.Combine(third, "run.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_learning_rate_is_found_and_nothing_written()
    {
        string folder = _folder.At("none");
        CommandResult result = CommandLine.Run(
            "train",
            "--data",
            "digits:640,32",
            "--find-lr",
            "--json",
            "--out",
            folder
        );
        Assert.InRange(result.Json.GetProperty("suggested_lr").GetDouble(), 1e-4, 1);
        Assert.False(Directory.Exists(folder));
        CommandResult text = CommandLine.Run("train", "--data", "digits:640,32", "--find-lr", "--out", folder);
        Assert.Contains("falls the fastest at --lr ", text.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"format":"nativecnn.settings","format_version":1,"options":{"lr":-1}}""", 2, "--lr")]
    [InlineData("""{"format":"nativecnn.settings","format_version":1,"options":{"colour":1}}""", 1, "colour")]
    [InlineData("""{"format":"nativecnn.settings","format_version":1,"options":{"out":"x"}}""", 1, "out")]
    [InlineData("""{"format":"nativecnn.settings","format_version":1,"options":{"lr":{}}}""", 1, "lr")]
    [InlineData("""{"format":"nativecnn.settings","format_version":1,"options":{"lr":null}}""", 1, "lr")]
    [InlineData("""{"format":"nativecnn.settings","format_version":9,"options":{}}""", 1, "9")]
    [InlineData("""{"format":"other","format_version":1,"options":{}}""", 1, "other")]
    [InlineData("""{"format":"nativecnn.settings","format_version":1}""", 1, "options")]
    [InlineData("""{"format":"nativecnn.settings","format_version":1,"options":{},"more":1}""", 1, "more")]
    [InlineData("[]", 1, "settings")]
    [InlineData("null", 1, "null")]
    [InlineData("", 1, "settings")]
    public void A_file_that_holds_other_things_is_refused_by_name(string text, int exitCode, string word)
    {
        string path = _folder.At("settings.json");
        File.WriteAllText(path, text);
        CommandLine.Run("train", "--config", path, "--out", _folder.At("out")).AssertError(exitCode, path, word);
    }

    [Fact]
    public void A_run_that_goes_on_has_its_own_settings_data_and_network()
    {
        string folder = _folder.At("run");
        Run("--out", folder);
        Dictionary<string, byte[]> before = Files(folder);
        foreach (
            (string typed, string kept) in ((string, string)[])
                [
                    ("--lr 0.5", "--lr 0.01"),
                    ("--seed 3", "--seed 1"),
                    ("--epochs 7", "--epochs 2"),
                    ("--data digits:100", "--data digits:64,32"),
                    ("--model vgg11", "--model lenet"),
                    ("--accumulate 2", "without --accumulate"),
                ]
        )
        {
            CommandLine
                .Run(["train", "--resume", folder, .. typed.Split(' ')])
                .AssertError(2, typed, kept, "checkpoint-000002");
        }
        // The folder of the checkpoints stands for the run's.
        CommandLine
            .Run("train", "--resume", Path.Combine(folder, "checkpoints"), "--lr", "0.5")
            .AssertError(2, "--lr 0.5", "checkpoint-000002");
        CommandLine.Run("train", "--resume", folder, "--out", "x").AssertError(2, "--resume", "--out");
        CommandLine.Run("train", "--resume", _folder.At("nothing")).AssertError(1, "nothing", "no checkpoint");
        CommandLine.Run("train", "--resume", Path.Combine(folder, "lenet.safetensors")).AssertError(1, "no checkpoint");
        Assert.Equal(before, Files(folder));
        // The same values in other spellings, and what may differ; the run is at its end and is tested once more.
        CommandResult again = CommandLine.Run([
            "train",
            "--resume",
            folder,
            "--lr",
            "1e-2",
            "--epochs",
            "2",
            "--threads",
            "1",
        ]);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("Test accuracy", again.Output, StringComparison.Ordinal);
        Assert.Equal(before, Files(folder));
    }

    [UnixFact]
    public void A_full_disk_ends_the_run_and_leaves_its_last_checkpoint()
    {
        string folder = _folder.At("full");
        Process train = CommandLine.Start(
            "train",
            "--data",
            "digits:640,32",
            "--epochs",
            "100000",
            "--checkpoint-every",
            "2",
            "--out",
            folder
        );
        WaitForLine(train, "epoch ");
        train.Kill();
        CommandLine.Finish(train);
        string last = CheckpointKeeper.FindLatest(Path.Combine(folder, "checkpoints"))!.FilePath;
        byte[] bytes = File.ReadAllBytes(last);
        // The runtime's own memory files count as files too, unless it maps none.
        CommandResult result = CommandLine.RunInShell(
            "ulimit -f 2000; DOTNET_EnableWriteXorExecute=0 exec \"$@\"",
            "train",
            "--resume",
            folder,
            "--checkpoint-every",
            "2"
        );
        result.AssertError(1, "cannot be written", $"--resume {folder}");
        Assert.Equal(last, CheckpointKeeper.FindLatest(Path.Combine(folder, "checkpoints"))!.FilePath);
        Assert.Equal(bytes, File.ReadAllBytes(last));
        using Network whole = ModelFile.Load(last);
    }

    // The moments are random but for the seed, and last long enough that steps, checkpoints and epochs are among them.
    private void KillAndResume(int kills, int epochs)
    {
        string[] run = ["--data", "digits:640,64", "--epochs", $"{epochs}", "--batch", "32", "--checkpoint-every", "1"];
        string whole = _folder.At("whole");
        Assert.Equal(0, CommandLine.Run(["train", .. run, "--out", whole]).ExitCode);

        string folder = _folder.At("killed");
        string checkpoints = Path.Combine(folder, "checkpoints");
        var random = new RandomStream(7, (ulong)kills);
        HashSet<string> places = [];
        for (int i = 0; i < kills; i++)
        {
            Process train = CommandLine.Start(Arguments());
            WaitForLine(train, "Training ");
            string[] before = Names(checkpoints);
            // Some are killed before their first checkpoint, most while they write one after the other.
            for (int wait = 0; i % 5 != 0 && Names(checkpoints).SequenceEqual(before) && wait < 10_000; wait++)
                Thread.Sleep(2);
            Thread.Sleep(random.NextInt(i % 5 == 0 ? 1000 : 200));
            Assert.False(train.HasExited, "The run ended before it was killed: give it more epochs.");
            train.Kill();
            CommandLine.Finish(train);
            if (!Directory.Exists(checkpoints))
                continue;
            foreach (string path in Directory.GetFiles(checkpoints, "*.safetensors"))
            {
                _ = Checkpoint.Open(path);
                using Network network = ModelFile.Load(path);
            }
            if (CheckpointKeeper.FindLatest(checkpoints, Assert.Fail) is { } last)
                places.Add(last.FilePath);
        }
        Assert.True(places.Count >= kills / 2, $"Of {kills} runs {places.Count} came further than the one before.");
        CommandResult end = CommandLine.Run(Arguments());
        Assert.True(end.ExitCode == 0, end.Error);
        foreach (string file in (string[])["lenet.safetensors", "lenet.optimizer.safetensors", "run.json"])
            Assert.Equal(Bytes(whole, file), Bytes(folder, file));
        Assert.Equal(Losses(whole), Losses(folder));
        Assert.DoesNotContain(Directory.GetFiles(checkpoints), path => path.EndsWith(".tmp", StringComparison.Ordinal));

        string[] Arguments() =>
            Directory.Exists(checkpoints) && CheckpointKeeper.FindLatest(checkpoints) is not null
                ? ["train", "--resume", folder, "--checkpoint-every", "1"]
                : ["train", .. run, "--out", folder, "--overwrite"];
    }

    private static void WaitForLine(Process train, string beginning)
    {
        while (train.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return;
        }
        Assert.Fail($"The command ended early: {CommandLine.Finish(train).Error}");
    }

    private static void Run(params string[] more)
    {
        CommandResult result = CommandLine.Run(["train", "--data", "digits:64,32", "--epochs", "2", .. more]);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private static byte[] Bytes(string folder, string file) => File.ReadAllBytes(Path.Combine(folder, file));

    private static string[] Names(string folder) =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)] : [];

    // Without the columns that are times.
    private static string[] Losses(string folder) =>
        [
            .. File.ReadAllLines(Path.Combine(folder, "history.csv"))
                .Select(line => string.Join(',', line.Split(',').Take(5))),
        ];

    private static Dictionary<string, byte[]> Files(string folder) =>
        Directory
            .GetFiles(folder, "*", SearchOption.AllDirectories)
            // Of a run that is at its end the page is written again, with other times.
            .Where(path => !path.EndsWith("report.html", StringComparison.Ordinal))
            .Order()
            .ToDictionary(path => path, File.ReadAllBytes);
}

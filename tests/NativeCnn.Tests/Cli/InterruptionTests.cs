using System.Diagnostics;
using System.Text.Json;
using NativeCnn.Formats;

namespace NativeCnn.Tests.Cli;

public sealed class InterruptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public void A_signal_keeps_the_last_finished_epoch_and_the_unfinished_one_beside_it(string signal)
    {
        Process train = Start();
        WaitForFirstEpoch(train);
        Send(signal, train);
        CommandResult result = CommandLine.Finish(train);

        Assert.Equal(130, result.ExitCode);
        Assert.Equal("", result.Error);
        Assert.Contains("Interrupted. Epoch ", result.Output);
        Assert.Contains(Weights, result.Output);
        Assert.Equal(0, CommandLine.Run("evaluate", "--weights", Weights, "--data", "digits:64").ExitCode);
        string[] names = Names();
        Assert.Equal(
            ["history.csv", "lenet.optimizer.safetensors", "lenet.safetensors", "run.json"],
            names.Where(name => name != "lenet.interrupted.safetensors")
        );
        int epochs = File.ReadAllLines(_folder.At("history.csv")).Length - 1;
        Assert.True(epochs >= 1, "The first epoch is not in the history.");
        Assert.Equal($"epoch {epochs} of 100000", Described("lenet.safetensors"));
        Assert.Equal($"epoch {epochs} of 100000", Described("lenet.optimizer.safetensors"));
        if (names.Contains("lenet.interrupted.safetensors"))
            Assert.StartsWith(
                $"interrupted in epoch {epochs + 1} of 100000",
                Described("lenet.interrupted.safetensors")
            );
    }

    [UnixTheory]
    [InlineData("INT", "TERM")]
    [InlineData("TERM", "INT")]
    public void A_second_signal_does_not_wait_for_the_batch(string first, string second)
    {
        // A step of the managed backend takes seconds; one that has not begun is not waited for.
        Process train = Start("--backend", "managed", "--batch", "640");
        Assert.StartsWith("Training", train.StandardOutput.ReadLine());
        Thread.Sleep(500);
        Send(first, train);
        Send(second, train);
        CommandResult result = CommandLine.Finish(train);
        result.AssertError(130, "at once");
        Assert.DoesNotContain("Interrupted", result.Output);
        Assert.Empty(Names());
    }

    [UnixTheory]
    [InlineData(8)]
    public void Two_signals_while_files_are_written_leave_whole_ones(int runs)
    {
        for (int run = 0; run < runs; run++)
        {
            // Epochs of one small batch: most of the time goes into saving.
            Process train = Start("--data", "digits:16,0", "--overwrite");
            WaitForFirstEpoch(train);
            Thread.Sleep(7 * run);
            Send("INT", train);
            // The first may have ended it by now.
            TrySend("TERM", train);
            Assert.Equal(130, CommandLine.Finish(train).ExitCode);
            Assert.DoesNotContain(Names(), name => name.EndsWith(".tmp", StringComparison.Ordinal));
            Assert.Equal(0, CommandLine.Run("evaluate", "--weights", Weights, "--data", "digits:64").ExitCode);
        }
    }

    [UnixTheory]
    [InlineData("trap '' HUP; exec \"$@\"")]
    public void Under_nohup_a_hangup_stops_nothing(string script)
    {
        Process train = CommandLine.StartInShell(script, Arguments());
        WaitForFirstEpoch(train);
        Send("HUP", train);
        WaitForFirstEpoch(train);
        WaitForFirstEpoch(train);
        Send("TERM", train);
        Assert.Equal(130, CommandLine.Finish(train).ExitCode);
    }

    [UnixTheory]
    [InlineData("\"$@\" | head -n 2")]
    [InlineData("{ \"$@\"; echo $? >&2; } | head -n 2")]
    public void A_reader_that_goes_ends_the_training_with_the_last_epoch_kept(string script)
    {
        CommandResult result = CommandLine.RunInShell(script, Arguments());
        Assert.Equal(2, result.Output.TrimEnd().Split('\n').Length);
        string[] error = result.Error.TrimEnd().Split('\n');
        Assert.Contains("standard output cannot be written", error[0]);
        Assert.Contains(Weights, error[0]);
        Assert.Equal(script.Contains("echo", StringComparison.Ordinal) ? ["1"] : [], error[1..]);
        Assert.Equal(["history.csv", "lenet.optimizer.safetensors", "lenet.safetensors", "run.json"], Names());
        Assert.Equal(0, CommandLine.Run("evaluate", "--weights", Weights, "--data", "digits:64").ExitCode);
    }

    [FullDeviceTheory]
    [InlineData("exec \"$@\" > /dev/full", "standard output")]
    [InlineData("exec \"$@\" > /dev/full 2> /dev/full", "")]
    [InlineData("exec \"$@\" --json 2> /dev/full", "")]
    public void Full_output_ends_the_training(string script, string word)
    {
        CommandResult result = CommandLine.RunInShell(script, Arguments());
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
        if (word.Length > 0)
            result.AssertError(1, word, "cannot be written");
        Assert.Empty(Names());
    }

    [FullDeviceTheory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("summary")]
    [InlineData("summary --json")]
    public void Full_output_of_any_command_is_one_line(string line)
    {
        CommandLine
            .RunInShell("exec \"$@\" > /dev/full", line.Split(' '))
            .AssertError(1, "standard output cannot be written");
    }

    [UnixTheory]
    [InlineData(1_000)]
    [InlineData(5_000)]
    public void A_full_disk_leaves_the_old_files_whole(int kilobytes)
    {
        Assert.Equal(0, CommandLine.Run(Arguments("--epochs", "1", "--data", "digits:64,64")).ExitCode);
        Dictionary<string, byte[]> before = Names()
            .ToDictionary(name => name, name => File.ReadAllBytes(_folder.At(name)));
        // The runtime's own memory files count as files too, unless it maps none.
        string script = $"ulimit -f {kilobytes * 2}; DOTNET_EnableWriteXorExecute=0 exec \"$@\" --overwrite --seed 2";
        CommandResult result = CommandLine.RunInShell(script, Arguments("--epochs", "1", "--data", "digits:64,64"));
        if (kilobytes * 1024 > before.Values.Max(bytes => bytes.Length))
        {
            Assert.Equal(0, result.ExitCode);
            return;
        }
        result.AssertError(1, Weights, "cannot be written", "nothing was written");
        Assert.Equal(before.Keys.Order(), Names());
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(_folder.At(file.Key))));
    }

    [UnixTheory]
    [InlineData("INT")]
    public void With_json_the_object_says_so(string signal)
    {
        Process train = Start("--json");
        while (train.StandardError.ReadLine() is { } line && !line.StartsWith("epoch ", StringComparison.Ordinal)) { }
        Send(signal, train);
        CommandResult result = CommandLine.Finish(train);

        Assert.Equal(130, result.ExitCode);
        JsonElement json = result.LastJson;
        Assert.True(json.GetProperty("interrupted").GetBoolean());
        Assert.InRange(json.GetProperty("epochs").GetInt32(), 1, 99_999);
    }

    private static void WaitForFirstEpoch(Process train)
    {
        while (train.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("epoch ", StringComparison.Ordinal))
                return;
        }
        Assert.Fail($"The command ended before its first epoch: {CommandLine.Finish(train).Error}");
    }

    private string Weights => _folder.At("lenet.safetensors");

    private Process Start(params string[] more) => CommandLine.Start(Arguments(more));

    private string[] Arguments(params string[] more)
    {
        List<string> arguments = ["train", "--out", _folder.Path, .. more];
        if (!more.Contains("--data"))
            arguments.AddRange(["--data", "digits:640,64"]);
        if (!more.Contains("--epochs"))
            arguments.AddRange(["--epochs", "100000"]);
        return [.. arguments];
    }

    private string[] Names() => [.. Directory.GetFiles(_folder.Path).Select(f => Path.GetFileName(f)).Order()];

    private string Described(string name)
    {
        using SafetensorsFile file = SafetensorsFile.Open(_folder.At(name));
        return file.Metadata["nativecnn.training"];
    }

    private static void Send(string signal, Process process) => Assert.True(TrySend(signal, process));

    private static bool TrySend(string signal, Process process)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
        return kill.ExitCode == 0;
    }
}

using System.Diagnostics;
using System.Text.Json;

namespace NativeCnn.Tests.Cli;

public sealed class InterruptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void A_signal_saves_the_weights_so_far(string signal)
    {
        Process train = CommandLine.Start(
            "train",
            "--data",
            "digits:640,64",
            "--epochs",
            "100000",
            "--out",
            _folder.Path
        );
        WaitForFirstEpoch(train);
        Send(signal, train);
        CommandResult result = CommandLine.Finish(train);

        Assert.Equal(130, result.ExitCode);
        Assert.Contains("Interrupted", result.Output);
        string weights = _folder.At("lenet.safetensors");
        Assert.Contains(weights, result.Output);
        Assert.Equal(0, CommandLine.Run("evaluate", "--weights", weights, "--data", "digits:64").ExitCode);
        Assert.Equal(
            ["history.csv", "lenet.safetensors"],
            Directory.GetFiles(_folder.Path).Select(f => Path.GetFileName(f)).Order()
        );
        Assert.True(File.ReadAllLines(_folder.At("history.csv")).Length >= 2, "The first epoch is not in the history.");
    }

    [UnixTheory]
    [InlineData("INT")]
    public void With_json_the_object_says_so(string signal)
    {
        Process train = CommandLine.Start(
            "train",
            "--data",
            "digits:640,64",
            "--epochs",
            "100000",
            "--out",
            _folder.Path,
            "--json"
        );
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

    private static void Send(string signal, Process process)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}

/// <summary>A theory that needs Unix signals, reported as skipped on Windows.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute()
    {
        if (OperatingSystem.IsWindows())
            Skip = "Windows has no signals to send.";
    }
}

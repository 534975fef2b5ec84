using System.Diagnostics;
using NativeCnn.Formats;

namespace NativeCnn.Tests.Cli;

public sealed class LauncherTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [InlineData("nativecnn")]
    public void Without_a_build_it_says_what_to_run(string launcher)
    {
        File.Copy(Path.Combine(SharedData.Repository, launcher), _folder.At(launcher));
        CommandResult result = CommandLine.Finish(
            Process.Start(
                new ProcessStartInfo(_folder.At(launcher), "train")
                {
                    RedirectStandardError = true,
                    RedirectStandardOutput = true,
                }
            )!
        );
        result.AssertError(1, "./build.sh build");
    }

    [UnixTheory]
    [InlineData(">&-")]
    [InlineData("2>&-")]
    [InlineData(">&- 2>&- <&-")]
    public void Closed_streams_are_not_given_to_files(string closed)
    {
        File.Copy(Path.Combine(SharedData.Repository, "nativecnn"), _folder.At("nativecnn"));
        Directory.CreateDirectory(_folder.At("artifacts"));
        Directory.CreateSymbolicLink(_folder.At("artifacts/cli"), AppContext.BaseDirectory);
        string train = $"'{_folder.At("nativecnn")}' train --data digits:64,0 --epochs 1 --out '{_folder.At("out")}'";
        CommandResult result = CommandLine.RunInShell($"{train} {closed}");
        Assert.Equal(0, result.ExitCode);
        using SafetensorsFile weights = SafetensorsFile.Open(_folder.At("out/lenet.safetensors"));
        Assert.Equal(8, weights.Entries.Count);
    }
}

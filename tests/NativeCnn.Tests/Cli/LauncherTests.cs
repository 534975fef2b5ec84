using System.Diagnostics;

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
}

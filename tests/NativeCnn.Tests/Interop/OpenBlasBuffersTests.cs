using System.Diagnostics;
using NativeCnn.Backends.Native;
using NativeCnn.Interop;

namespace NativeCnn.Tests.Interop;

public sealed class OpenBlasBuffersTests
{
    [Fact]
    public void More_threads_than_OpenBLAS_has_room_for_are_refused()
    {
        var e = Assert.Throws<InsufficientMemoryException>(() =>
            NativeRuntime.TakeBuffers(OpenBlasBuffers.MostThreads + 1)
        );
        Assert.Contains("512 threads", e.Message, StringComparison.Ordinal);
        Assert.Throws<InsufficientMemoryException>(() => new NativeBackend(OpenBlasBuffers.MostThreads + 1));
    }

    [Fact]
    public void Address_space_that_cannot_be_had_is_known_before_it_is_used()
    {
        Assert.True(OpenBlasBuffers.IsAvailable(1 << 20));
        if (!OperatingSystem.IsWindows())
            Assert.False(OpenBlasBuffers.IsAvailable(1L << 60));
    }

    [LinuxTheory]
    [InlineData(2_000_000)]
    [InlineData(3_000_000)]
    public async Task Under_a_limit_of_the_address_space_the_command_ends_instead_of_spinning(int kilobytes)
    {
        string command =
            $"ulimit -v {kilobytes}; exec dotnet '{AppContext.BaseDirectory}NativeCnn.Cli.dll' bench lenet --seconds 0.1";
        ProcessStartInfo start = new("bash", ["-c", command])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill();
            Assert.Fail("It does not end.");
        }
        // How much .NET itself leaves differs: it may suffice, or not even for .NET. What is refused is refused in one
        // line with a remedy, and nothing is a crash.
        string text = (await errors).Trim();
        if (text.Contains("CoreCLR", StringComparison.Ordinal))
            return;
        Assert.True(process.ExitCode is 0 or 1, $"{process.ExitCode}: {text}");
        if (process.ExitCode == 1)
            Assert.Matches(@"^nativecnn: [^\n]*ulimit -v[^\n]*$", text);
    }
}

using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace NativeCnn.Tests.Cli;

/// <summary>What a finished command left behind.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>The last line of standard output as JSON.</summary>
    public JsonElement Json
    {
        get
        {
            Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}");
            return LastJson;
        }
    }

    /// <summary>As <see cref="Json"/>, whatever the exit code.</summary>
    public JsonElement LastJson
    {
        get
        {
            using JsonDocument document = JsonDocument.Parse(Output.TrimEnd('\n').Split('\n')[^1]);
            return document.RootElement.Clone();
        }
    }

    /// <summary>
    /// Asserts the exit code and that standard error is one line that holds every one of some words, and no stack
    /// trace.
    /// </summary>
    public void AssertError(int exitCode, params string[] words)
    {
        Assert.Equal(exitCode, ExitCode);
        Assert.StartsWith("nativecnn: ", Error);
        Assert.True(Error.TrimEnd('\n').Split('\n').Length == 1, $"More than one line: {Error}");
        Assert.EndsWith(".\n", Error.ReplaceLineEndings("\n"));
        Assert.DoesNotContain("   at ", Error);
        foreach (string word in words)
            Assert.Contains(word, Error);
    }
}

/// <summary>Starts the command as its own process, as a user does.</summary>
public static class CommandLine
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(3);

    /// <summary>Runs the command to its end.</summary>
    public static CommandResult Run(params string[] arguments) => Run([], arguments);

    /// <summary>Runs the command to its end with changes to its environment.</summary>
    public static CommandResult Run((string Name, string Value)[] environment, params string[] arguments)
    {
        ProcessStartInfo start = StartInfo(arguments);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Finish(Process.Start(start)!);
    }

    /// <summary>Starts a shell script in which <c>"$@"</c> is the command; Unix alone.</summary>
    public static Process StartInShell(string script, params string[] arguments)
    {
        ProcessStartInfo start = StartInfo(arguments);
        string[] command = ["-c", script, "sh", start.FileName, .. start.ArgumentList];
        start.FileName = "sh";
        start.ArgumentList.Clear();
        foreach (string argument in command)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>Runs such a script to its end.</summary>
    public static CommandResult RunInShell(string script, params string[] arguments) =>
        Finish(StartInShell(script, arguments));

    /// <summary>Starts the command; <see cref="Finish"/> waits for it.</summary>
    public static Process Start(params string[] arguments) => Process.Start(StartInfo(arguments))!;

    /// <summary>Reads what is left of both streams and waits for the end.</summary>
    public static CommandResult Finish(Process process)
    {
        using (process)
        {
            // Both at once: a full pipe would stop the command.
            Task<string> error = process.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(s_longest))
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail($"The command did not end: {process.StartInfo.Arguments}");
            }
            return new CommandResult(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
        }
    }

    private static ProcessStartInfo StartInfo(string[] arguments)
    {
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        // What the user who runs the tests has measured must not count.
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(AppContext.BaseDirectory, "no-caches");
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "NativeCnn.Cli.dll"));
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }
}

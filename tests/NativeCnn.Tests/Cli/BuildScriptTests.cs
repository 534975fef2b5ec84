using System.Diagnostics;

namespace NativeCnn.Tests.Cli;

/// <summary>
/// <c>build.sh</c> in a copy of the checkout that holds nothing else, with tools that only pretend.
/// </summary>
public sealed class BuildScriptTests : IDisposable
{
    // Of the tests that it is asked for, one fails.
    private const string Dotnet = """
        #!/bin/bash
        echo "$*" >>"$TOOLS/dotnet-calls"
        case "$1" in
          --list-sdks) echo "10.0.100 [/somewhere]" ;;
          build)
            echo "a compiler's line"
            [[ "$*" != *"$FAIL"* ]] || { echo "error: it does not compile"; exit 1; }
            ;;
          test)
            printf '  Passed A.Passes(x: 1) [3 ms]\n  Failed A.Fails(x: 2) [1 s]\n  Error Message:\n   Expected 1, got 2\n'
            printf '  Stack Trace:\n     at A.Fails() in %s/tests/A.cs:line 17\n\n' "$(dirname "$2")"
            exit 1
            ;;
        esac
        """;

    private const string Cmake = """
        #!/bin/bash
        [[ -z "$HANG" ]] || { sleep 1000 & echo $! >"$TOOLS/hangs"; wait; }
        """;

    private const string Ctest = """
        #!/bin/bash
        [[ "$*" != *" -N "* ]] || { echo "  Test #1: dense"; exit; }
        echo "1/1 Test #1: dense ........***Failed    0.01 sec"
        echo "dense_tests.c:12: got 3"
        exit 8
        """;

    private readonly TemporaryFolder _folder = new();
    private string _checkout;
    private readonly string _tools;

    public BuildScriptTests()
    {
        _checkout = _folder.At("a checkout");
        _tools = _folder.At("tools");
        foreach (string file in (string[])["build.sh", "NativeCnn.sln"])
        {
            Directory.CreateDirectory(_checkout);
            File.Copy(Path.Combine(SharedData.Repository, file), Path.Combine(_checkout, file));
        }
        Directory.CreateDirectory(_tools);
        foreach (
            (string name, string text) in ((string, string)[])[("dotnet", Dotnet), ("cmake", Cmake), ("ctest", Ctest)]
        )
        {
            string tool = Path.Combine(_tools, name);
            File.WriteAllText(tool, text + "\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private string Script => Path.Combine(_checkout, "build.sh");

    public void Dispose() => _folder.Dispose();

    /// <summary>Called as a user may: by its whole path, by its name, and by a link, from wherever.</summary>
    [UnixTheory]
    [InlineData("whole path")]
    [InlineData("relative path")]
    [InlineData("name")]
    [InlineData("link")]
    public void Clean_deletes_what_its_own_checkout_built_whatever_cd_finds_elsewhere(string call)
    {
        string newline = _folder.At("a check\nout\n");
        Directory.Move(_checkout, newline);
        _checkout = newline;
        // Another project with folders of the same names, which CDPATH names first.
        string name = Path.GetFileName(_checkout);
        string other = _folder.At("other");
        string[] others = [Path.Combine(other, "build"), Path.Combine(other, name, "build"), _folder.At("build")];
        string[] own = ["build/native-release", "artifacts/cli", "src/A/bin/Release", "src/A/obj"];
        foreach (string folder in (string[])[.. others, .. own.Select(path => Path.Combine(_checkout, path))])
            Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(_checkout, "src", "A", "A.cs"), "");
        // A folder that leads elsewhere is taken away; what it leads to is not.
        Directory.CreateSymbolicLink(Path.Combine(_checkout, "src", "bin"), other);
        string link = Path.Combine(other, "build.sh");
        File.CreateSymbolicLink(link, Script);

        CommandResult result = call switch
        {
            "whole path" => Run("/", [Script, "clean"], ("CDPATH", other)),
            "relative path" => Run(_folder.Path, [$"{name}/build.sh", "clean"], ("CDPATH", other)),
            "name" => Run(_checkout, ["build.sh", "clean"], ("CDPATH", $"{other}:..")),
            _ => Run(other, ["build.sh", "clean"], ("CDPATH", _folder.Path)),
        };

        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        Assert.All(others, folder => Assert.True(Directory.Exists(folder), $"{folder} was deleted"));
        Assert.All(own, path => Assert.False(Directory.Exists(Path.Combine(_checkout, path)), $"{path} is left"));
        Assert.True(File.Exists(Path.Combine(_checkout, "src", "A", "A.cs")), "a source was deleted");
    }

    [UnixTheory]
    [InlineData("build")]
    [InlineData("clean")]
    public void Away_from_its_checkout_it_does_nothing(string verb)
    {
        File.Delete(Path.Combine(_checkout, "NativeCnn.sln"));
        Directory.CreateDirectory(Path.Combine(_checkout, "build"));
        AssertError(Run("/", [Script, verb]), "is no checkout of NativeCnn");
        Assert.True(Directory.Exists(Path.Combine(_checkout, "build")));
    }

    [UnixFact]
    public void Compilers_are_heard_only_where_they_fail()
    {
        CommandResult built = Run("/", [Script, "build"]);
        Assert.Equal(0, built.ExitCode);
        Assert.Equal("", built.Error);
        Assert.All(built.Output.TrimEnd('\n').Split('\n'), line => Assert.StartsWith("== ", line));

        CommandResult broken = Run("/", [Script, "build"], ("FAIL", "-c Release"));
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains(
            "a compiler's line\nerror: it does not compile\nbuild.sh: this failed: dotnet build",
            broken.Error
        );
        Assert.Contains("build/log/dotnet-Release-build.log", broken.Error);
    }

    [UnixTheory]
    [InlineData("Fails", "dotnet-release", "FullyQualifiedName~Fails&Category!=Slow", "-c Release")]
    [InlineData("Name=Fails|Name=Passes", "dotnet-debug", "(Name=Fails|Name=Passes)&Category!=Slow", "-c Debug")]
    public void A_failed_test_is_named_with_its_place_and_how_to_run_it_again(
        string name,
        string suite,
        string filter,
        string configuration
    )
    {
        CommandResult result = Run("/", [Script, "test", "--suite", suite, name]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(
            $"\n  A.Fails(x: 2)\n    tests/A.cs:17\n    Expected 1, got 2\n    again: ./build.sh test --suite {suite} A.Fails\n",
            result.Output
        );
        Assert.Contains($"== Testing {suite}: 1 passed, 1 failed, ", result.Output);
        Assert.StartsWith($"build.sh: these tests failed: {suite}.", result.Error);
        string call = File.ReadLines(Path.Combine(_tools, "dotnet-calls")).Single(line => line.StartsWith("test"));
        Assert.Contains($"--filter {filter} ", call);
        Assert.Contains(configuration, File.ReadAllText(Path.Combine(_tools, "dotnet-calls")));
    }

    [UnixFact]
    public void A_failed_test_of_the_shim_is_named_too()
    {
        CommandResult result = Run("/", [Script, "test", "--suite", "native-release", "dense"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(
            "\n  dense\n    dense_tests.c:12: got 3\n    again: ./build.sh test --suite native-release dense\n",
            result.Output
        );
    }

    [UnixTheory]
    [InlineData("knows no '--fast'", "test", "--fast")]
    [InlineData("there is no suite 'fast'", "test", "--suite", "fast")]
    [InlineData("--suite needs a value", "test", "--suite")]
    [InlineData("takes one name", "test", "a", "b")]
    public void Bad_arguments_are_refused_by_one_line(string words, params string[] arguments) =>
        AssertError(Run("/", [Script, .. arguments]), words);

    [UnixTheory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    [InlineData("HUP", 129)]
    public void An_interruption_ends_every_process_and_a_second_build_is_refused_meanwhile(string signal, int exitCode)
    {
        Process build = Start("/", [Script, "build"], ("HANG", "1"));
        string hangs = Path.Combine(_tools, "hangs");
        while (!File.Exists(hangs) || File.ReadAllText(hangs).Length == 0)
        {
            Assert.False(build.HasExited, "It has ended.");
            Thread.Sleep(20);
        }
        string started = $"/proc/{File.ReadAllText(hangs).Trim()}/stat";
        Assert.True(File.Exists(started), "The tool's own process is not there.");
        AssertError(Run("/", [Script, "build"]), $"another build.sh is running here (pid {build.Id})");
        Process.Start("kill", ["-s", signal, $"{build.Id}"]).WaitForExit();
        CommandResult result = CommandLine.Finish(build);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal("build.sh: interrupted.\n", result.Error);
        // Gone, or dead and not yet taken away by the system.
        Assert.True(!File.Exists(started) || File.ReadAllText(started).Contains(") Z "), "A process is left.");
    }

    [UnixFact]
    public void A_folder_that_takes_no_files_is_named()
    {
        File.WriteAllText(Path.Combine(_checkout, "build"), "a file of this name");
        AssertError(Run("/", [Script, "build"]), "build cannot be written to");
    }

    /// <summary>Every shell script of the repository; skipped where shellcheck is not installed.</summary>
    [ShellcheckTheory]
    [InlineData("build.sh")]
    [InlineData("nativecnn")]
    [InlineData(".ci/run")]
    public void Shellcheck_finds_nothing(string script)
    {
        CommandResult result = CommandLine.Finish(
            Process.Start(
                new ProcessStartInfo("shellcheck", [Path.Combine(SharedData.Repository, script)])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!
        );
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
    }

    private static void AssertError(CommandResult result, string words)
    {
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("build.sh: ", result.Error);
        Assert.Contains(words, result.Error);
        Assert.DoesNotContain("line ", result.Error);
    }

    private CommandResult Run(string folder, string[] command, params (string Name, string Value)[] environment) =>
        CommandLine.Finish(Start(folder, command, environment));

    private Process Start(string folder, string[] command, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new("bash", command)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{_tools}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["TOOLS"] = _tools;
        start.Environment["FAIL"] = "nothing of the kind";
        // Nothing is to be installed.
        start.Environment["NATIVECNN_OPENBLAS"] = "libopenblas.so.0";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}

/// <summary>A test with shellcheck, reported as skipped where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ShellcheckTheoryAttribute : TheoryAttribute
{
    public ShellcheckTheoryAttribute()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "shellcheck"))))
            Skip = "shellcheck is not installed.";
    }
}

using System.Diagnostics;
using NativeCnn.Tests.OneDnn;

namespace NativeCnn.Tests.Threading;

/// <summary>
/// The programs of <c>NativeCnn.Stress</c>, each in a process of its own: a crash is a failed test and not the end of
/// the run. Here for a second each; long enough to find what is rare in the slow tests.
/// </summary>
public sealed class StressTests
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(15);

    [Theory]
    [InlineData("predict", 2000)]
    [InlineData("dispose", 1)]
    [InlineData("collect", 1)]
    [InlineData("interrupt", 1)]
    [InlineData("compile", 1)]
    [InlineData("abandon", 30)]
    public void Stress_finds_no_fault(string program, int amount) => Run(program, amount);

    [Theory, Trait("Category", "Slow")]
    [InlineData("predict", 100_000)]
    [InlineData("dispose", 60)]
    [InlineData("collect", 60)]
    [InlineData("interrupt", 60)]
    [InlineData("compile", 30)]
    [InlineData("abandon", 200)]
    public void Long_stress_finds_no_fault(string program, int amount) => Run(program, amount);

    [OneDnnTheory]
    [InlineData(1000)]
    public void Preparing_and_dropping_primitives_leaves_nothing(int backends) => Run("onednn", backends);

    /// <summary>The runtime itself collects at every allocation.</summary>
    [Fact, Trait("Category", "Slow")]
    public void Stress_with_a_collection_at_every_allocation_finds_no_fault() =>
        Run("collect", 60, ("DOTNET_GCStress", "1"));

    private static void Run(string program, int amount, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "NativeCnn.Stress.dll"));
        start.ArgumentList.Add(program);
        start.ArgumentList.Add($"{amount}");
        // The C library overwrites what is freed, so that whoever still reads it gets wrong values.
        start.Environment["MALLOC_PERTURB_"] = "165";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        bool hasEnded = process.WaitForExit(s_longest);
        if (!hasEnded)
            process.Kill(entireProcessTree: true);
        string text = output.GetAwaiter().GetResult();
        string last = string.Join('\n', error.GetAwaiter().GetResult().TrimEnd('\n').Split('\n').TakeLast(10));
        Assert.True(hasEnded, $"{program} has not ended after {s_longest.TotalMinutes} minutes.\n{text}{last}");
        Assert.True(process.ExitCode == 0, $"{program} ended with exit code {process.ExitCode}.\n{text}{last}");
        Assert.Contains(" 0 faults", text, StringComparison.Ordinal);
    }
}

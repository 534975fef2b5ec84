using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Tests.Backends;
using NativeCnn.Tests.Cli;
using NativeCnn.Verification;

namespace NativeCnn.Tests.Golden;

/// <summary>The script that writes the cases, where PyTorch is there.</summary>
[Trait("Category", "Slow")]
public sealed class GeneratorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TorchFact]
    public void The_same_seed_gives_the_same_bytes_and_cases_that_pass()
    {
        Dictionary<string, byte[]> first = Generate("first", 7);
        Dictionary<string, byte[]> second = Generate("second", 7);
        Assert.Equal(12, first.Count);
        Assert.Equal(first.Keys.Order(), second.Keys.Order());
        Assert.All(first, file => Assert.Equal(file.Value, second[file.Key]));
        using Backend backend = TestBackends.Create("native");
        Assert.All(GoldenCases.In(_folder.At("first")), file => Assert.True(GoldenFile.Verify(file, backend).Passed));
    }

    [TorchFact]
    public void Another_seed_gives_other_cases()
    {
        Dictionary<string, byte[]> first = Generate("first", 7);
        Dictionary<string, byte[]> second = Generate("second", 8);
        Assert.DoesNotContain(second.Values, bytes => first.Values.Any(other => other.SequenceEqual(bytes)));
    }

    private Dictionary<string, byte[]> Generate(string name, int seed)
    {
        ProcessStartInfo start = new(TorchFactAttribute.Python) { RedirectStandardError = true };
        string[] arguments = [GoldenCases.Generator, "--seed", $"{seed}", "--cases", "12", "--out", _folder.At(name)];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        // The repository stays as it is.
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
        return GoldenCases.In(_folder.At(name)).ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes);
    }
}

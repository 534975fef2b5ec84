using System.Text.Json;
using NativeCnn.Tests.Golden;

namespace NativeCnn.Tests.Cli;

/// <summary><c>nativecnn verify</c>, as a user starts it.</summary>
public sealed class VerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("native")]
    [InlineData("managed")]
    public void A_folder_of_cases_passes(string backend)
    {
        Copy("convolution", "a");
        Copy("dense", "b");
        CommandResult result = CommandLine.Run("verify", _folder.Path, "--backend", backend);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("a.safetensors: passed", result.Output);
        Assert.Contains("b.safetensors: passed", result.Output);
        Assert.Contains("gradients.input", result.Output);
        Assert.Contains($"2 cases on {backend}: 2 passed, 0 failed.", result.Output);
    }

    [Fact]
    public void The_committed_cases_pass_as_json()
    {
        JsonElement json = CommandLine.Run("verify", GoldenCases.Folder, "--json").Json;
        Assert.True(json.GetProperty("passed").GetBoolean());
        Assert.Equal(GoldenCases.In(GoldenCases.Folder).Length, json.GetProperty("cases").GetArrayLength());
    }

    [Fact]
    public void A_case_that_fails_ends_with_1_and_says_which_tensor_and_where()
    {
        string file = Copy("convolution", "a");
        Copy("dense", "b");
        int last = 0;
        GoldenCases.Rewrite(
            file,
            file,
            (tensors, _) => tensors["output"].Values[last = tensors["output"].Values.Length - 1] += 1
        );
        CommandResult result = CommandLine.Run("verify", _folder.Path);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Error);
        Assert.Contains("a.safetensors: FAILED", result.Output);
        Assert.Contains("1 passed, 1 failed", result.Output);
        JsonElement json = CommandLine.Run("verify", file, "--json").LastJson;
        Assert.False(json.GetProperty("passed").GetBoolean());
        JsonElement failed = Assert.Single(
            json.GetProperty("cases")[0].GetProperty("tensors").EnumerateArray(),
            tensor => !tensor.GetProperty("passed").GetBoolean()
        );
        Assert.Equal("output", failed.GetProperty("name").GetString());
        Assert.Equal(last, failed.GetProperty("element").GetInt32());
        Assert.Equal(1, failed.GetProperty("error").GetDouble(), 1e-3);
    }

    [Fact]
    public void What_is_no_case_is_one_line()
    {
        CommandLine.Run("verify", _folder.At("none")).AssertError(1, "none");
        CommandLine.Run("verify", _folder.Path).AssertError(1, _folder.Path, "holds no file *.safetensors");
        CommandLine.Run("verify").AssertError(2, "verify --help");
        string file = Copy("convolution", "cut");
        byte[] bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..^3]);
        CommandLine.Run("verify", _folder.Path).AssertError(1, "cut.safetensors");
        File.WriteAllBytes(file, bytes);
        GoldenCases.Rewrite(file, file, (tensors, _) => tensors.Remove("gradients.input"));
        CommandLine.Run("verify", file).AssertError(1, "cut.safetensors", "'gradients.input'");
    }

    private string Copy(string kind, string name)
    {
        string file = _folder.At(name + ".safetensors");
        File.Copy(GoldenCases.With(kind), file);
        return file;
    }
}

using System.Text.Json;
using NativeCnn.Tests.OneDnn;

namespace NativeCnn.Tests.Cli;

/// <summary><c>nativecnn compare</c>.</summary>
public sealed class CompareTests : IDisposable
{
    private static readonly string[] LeNet = ["compare", "--model", "lenet", "--batch", "2", "--steps", "2"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Backends_that_agree_pass_with_a_table_losses_and_a_verdict()
    {
        CommandResult result = CommandLine.Run(LeNet);
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        Assert.Equal("", result.Error);
        Assert.Contains("lenet, batch 2, random examples, steps: 2. Worst difference from managed", result.Output);
        Assert.Matches(@"\nconvolution2 +ConvolutionBackwardFilter +weight gradient +\d", result.Output);
        Assert.Matches(@"\n +2 +\d\.\d+ +\d\.\d+", result.Output);
        Assert.StartsWith("Passed: at most ", result.Output.TrimEnd('\n').Split('\n')[^1]);
    }

    [OneDnnTheory]
    [InlineData("onednn,native,managed")]
    [InlineData("onednn,auto,managed")]
    public void Any_of_them_may_be_the_reference(string backends)
    {
        JsonElement json = CommandLine.Run([.. LeNet, "--backends", backends, "--json"]).Json;
        Assert.True(json.GetProperty("passed").GetBoolean());
        Assert.Equal("onednn", json.GetProperty("reference").GetString());
        Assert.Equal(3, json.GetProperty("losses").GetArrayLength());
        JsonElement first = json.GetProperty("tensors")[0];
        Assert.Equal("convolution1", first.GetProperty("layer").GetString());
        Assert.StartsWith("onednn ", first.GetProperty("algorithm").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            backends.Split(',')[1..],
            first.GetProperty("differences").EnumerateArray().Select(d => d.GetProperty("backend").GetString())
        );
    }

    [OneDnnTheory]
    [InlineData("onednn")]
    [InlineData("auto")]
    public void What_computes_within_another_backend_bears_the_name_that_was_asked_for(string backend)
    {
        JsonElement json = CommandLine.Run([.. LeNet, "--backends", $"native,{backend}", "--json"]).Json;
        foreach (JsonElement tensor in json.GetProperty("tensors").EnumerateArray())
            Assert.Equal(backend, tensor.GetProperty("differences")[0].GetProperty("backend").GetString());
    }

    [Fact]
    public void Beyond_the_tolerance_it_ends_with_1_and_names_the_place()
    {
        CommandResult result = CommandLine.Run([.. LeNet, "--tolerance", "0"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Error);
        string verdict = result.Output.TrimEnd('\n').Split('\n')[^1];
        Assert.StartsWith(
            "FAILED: native parts from managed at step 1 in layer convolution1, ConvolutionForward",
            verdict
        );
        Assert.EndsWith("The losses do not part.", verdict);
        JsonElement json = CommandLine.Run([.. LeNet, "--tolerance", "0", "--json"]).LastJson;
        Assert.Equal("convolution1", json.GetProperty("first_difference").GetProperty("layer").GetString());
        Assert.Equal(verdict, json.GetProperty("verdict").GetString());
    }

    [Fact]
    public void Trained_weights_are_compared_on_the_data_that_is_named()
    {
        string folder = _folder.At("out");
        CommandLine.Run("train", "--data", "digits:200", "--epochs", "1", "--out", folder, "--json");
        string weights = Path.Combine(folder, "lenet.safetensors");
        byte[] before = File.ReadAllBytes(weights);
        JsonElement json = CommandLine
            .Run("compare", "--weights", weights, "--data", "digits:100", "--steps", "1", "--json")
            .Json;
        Assert.Contains("digits", json.GetProperty("data").GetString(), StringComparison.Ordinal);
        // Of a network that was trained, not of a new one.
        Assert.InRange(json.GetProperty("losses")[0].GetProperty("losses")[0].GetDouble(), 0, 2.2);
        Assert.Equal(before, File.ReadAllBytes(weights));
    }

    [Fact]
    public void What_cannot_be_compared_is_one_line()
    {
        string missing = _folder.At("none.so");
        CommandLine
            .Run([("NATIVECNN_ONEDNN", missing)], [.. LeNet, "--backends", "managed,onednn"])
            .AssertError(1, missing, "NATIVECNN_ONEDNN");
        CommandLine.Run("compare", "--weights", _folder.At("none")).AssertError(1, "none");
        string network = _folder.At("network.json");
        File.WriteAllText(network, CommandLine.Run("summary", "--model", "alexnet", "--json").Output);
        CommandLine
            .Run("compare", "--network", network, "--data", "digits:100")
            .AssertError(1, network, "--data digits:100");
    }

    [Fact]
    public void What_takes_minutes_is_said_before()
    {
        using System.Diagnostics.Process process = CommandLine.Start("compare", "--model", "vgg16", "--batch", "1");
        string? line = process.StandardError.ReadLine();
        process.Kill();
        Assert.Contains("managed computes by plain loops, and vgg16 has", line, StringComparison.Ordinal);
        Assert.Contains("minutes or so. A smaller --batch", line, StringComparison.Ordinal);
    }
}

using System.Text.Json;

namespace NativeCnn.Tests.Cli;

public class SummaryAndDoctorTests
{
    [Fact]
    public void Summary_counts_what_can_be_counted_by_hand()
    {
        JsonElement json = CommandLine.Run("summary", "--model", "lenet", "--batch", "2", "--json").Json;
        // (5·5·1+1)·20 + (5·5·20+1)·50 + (4·4·50+1)·500 + (500+1)·10
        Assert.Equal(431_080, json.GetProperty("parameters").GetInt64());
        // Per image 24²·20·25 + 8²·50·500 + 800·500 + 500·10
        Assert.Equal(2 * 2_293_000, json.GetProperty("multiply_adds").GetInt64());
        JsonElement first = json.GetProperty("layers")[0];
        Assert.Equal([2, 24, 24, 20], first.GetProperty("output_shape").Deserialize<int[]>()!);
        Assert.Equal(520, first.GetProperty("parameters").GetInt64());
        Assert.Equal(0, first.GetProperty("state").GetInt64());
        Assert.True(json.GetProperty("training_bytes").GetInt64() > json.GetProperty("inference_bytes").GetInt64());
    }

    [Fact]
    public void Summary_counts_the_scratch_memory_of_the_backend_that_it_is_given()
    {
        JsonElement managed = CommandLine.Run("summary", "--backend", "managed", "--json").Json;
        JsonElement native = CommandLine.Run("summary", "--threads", "2", "--algorithm", "im2col", "--json").Json;
        foreach (string phase in (string[])["training", "inference"])
        {
            long Bytes(JsonElement json, string of) => json.GetProperty($"{phase}{of}_bytes").GetInt64();
            Assert.Equal(0, Bytes(managed, "_scratch"));
            Assert.True(Bytes(native, "_scratch") > 0);
            Assert.Equal(Bytes(managed, "") + Bytes(native, "_scratch"), Bytes(native, ""));
        }
    }

    [Fact]
    public void Summary_prints_a_row_per_layer()
    {
        CommandResult result = CommandLine.Run("summary");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            2,
            result.Output.Split('\n').Count(line => line.Contains(" convolution ", StringComparison.Ordinal))
        );
        Assert.Contains("431,080", result.Output);
    }

    [Fact]
    public void Doctor_finds_a_working_installation()
    {
        JsonElement json = CommandLine.Run("doctor", "--threads", "3", "--json").Json;
        Assert.True(json.GetProperty("ok").GetBoolean());
        Dictionary<string, JsonElement> findings = json.GetProperty("findings")
            .EnumerateArray()
            .DistinctBy(f => f.GetProperty("name").GetString())
            .ToDictionary(f => f.GetProperty("name").GetString()!);
        foreach (
            string name in (string[])["processor", "instruction sets", "threads", "shim", "OpenBLAS", "OpenBLAS core"]
        )
            Assert.NotEqual("", findings[name].GetProperty("value").GetString());
        Assert.Equal("good", findings["sgemm from all workers"].GetProperty("state").GetString());
        Assert.Contains("GFLOP/s", findings["sgemm speed"].GetProperty("value").GetString());
    }

    [Fact]
    public void Doctor_names_a_missing_library_and_exits_with_1()
    {
        CommandResult result = CommandLine.Run([("NATIVECNN_OPENBLAS", "/no/such/libopenblas.so")], "doctor");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("/no/such/libopenblas.so", result.Output);
        Assert.Contains("1 wrong", result.Output);
    }
}

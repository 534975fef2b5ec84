using System.Text.Json;
using NativeCnn.Backends.Native.Convolutions;

namespace NativeCnn.Tests.Cli;

/// <summary>bench and profile, on the smallest model.</summary>
public sealed class BenchTests
{
    [Fact]
    public void Bench_reports_times_memory_and_what_computed()
    {
        JsonElement json = Run("bench", "lenet", "--batch", "4", "--threads", "2").Json;
        Assert.Equal("lenet", json.GetProperty("model").GetString());
        Assert.Equal("28x28x1", json.GetProperty("image").GetString());
        Assert.Equal(4, json.GetProperty("batch").GetInt32());
        Assert.Equal(2, json.GetProperty("threads").GetInt32());
        foreach (string what in (string[])["train", "infer"])
        {
            double fastest = json.GetProperty($"{what}_ms_min").GetDouble();
            Assert.True(fastest > 0);
            Assert.True(json.GetProperty($"{what}_ms").GetDouble() >= fastest);
        }
        // Parameters, gradients and velocities of 431,080 values are in memory at least, and the runtime.
        double trainPeak = json.GetProperty("train_peak_mb").GetDouble();
        Assert.InRange(trainPeak, 3 * 431_080 * 4 / 1048576.0, 4000);
        Assert.True(json.GetProperty("peak_mb").GetDouble() >= trainPeak);
        Assert.Equal(0, json.GetProperty("allocated_bytes_per_step").GetInt64());
        // A network that knows nothing is about as good as guessing: log 10 = 2.3.
        Assert.InRange(json.GetProperty("first_loss").GetDouble(), 1.5, 4);
        Assert.Equal("managed", json.GetProperty("checked_against").GetString());
        Assert.NotEqual("", json.GetProperty("instruction_set").GetString());
        Assert.NotEqual("", json.GetProperty("openblas_core").GetString());
    }

    [Fact]
    public void Bench_takes_another_image_and_other_classes()
    {
        JsonElement json = Run("bench", "lenet", "--batch", "2", "--image", "32x20x3", "--classes", "100").Json;
        Assert.Equal("32x20x3", json.GetProperty("image").GetString());
        Assert.InRange(json.GetProperty("first_loss").GetDouble(), 3.5, 6);
        Assert.Equal(
            "20x20x1",
            Run("bench", "lenet", "--batch", "2", "--image", "20").Json.GetProperty("image").GetString()
        );
    }

    [Theory]
    [InlineData("--exact")]
    [InlineData("--algorithm im2col")]
    [InlineData("--algorithm direct")]
    public void Bench_takes_the_options_of_convolution(string options)
    {
        JsonElement json = Run(["bench", "lenet", "--batch", "2", .. options.Split(' ')]).Json;
        Assert.True(json.GetProperty("train_ms").GetDouble() > 0);
    }

    [Fact]
    public void Bench_prints_for_people()
    {
        CommandResult result = CommandLine.Run(Arguments("bench", "lenet", "--batch", "2"));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Training step", result.Output);
        Assert.Contains("ms median", result.Output);
    }

    [Fact]
    public void Profile_times_every_pass_of_every_layer()
    {
        JsonElement json = Run("profile", "lenet", "--batch", "8", "--threads", "2", "--exact").Json;
        JsonElement[] operations = [.. json.GetProperty("operations").EnumerateArray()];
        foreach (JsonElement operation in operations)
        {
            Assert.True(operation.GetProperty("ms").GetDouble() > 0, operation.ToString());
            Assert.True(operation.GetProperty("share_of_peak").GetDouble() > 0, operation.ToString());
        }
        string[] passes =
        [
            .. operations.Select(o => $"{o.GetProperty("layer").GetString()} {o.GetProperty("pass").GetString()}"),
        ];
        // In which order a layer's gradients are computed is its own affair.
        Assert.Equivalent(
            (string[])
                [
                    " zero gradients",
                    "convolution1 forward",
                    "max-pooling1 forward",
                    "convolution2 forward",
                    "max-pooling2 forward",
                    "dense1 forward",
                    "dense2 forward",
                    " loss",
                    "dense2 backward-bias",
                    "dense2 backward-weights",
                    "dense2 backward-data",
                    "dense1 backward-activation and bias",
                    "dense1 backward-weights",
                    "dense1 backward-data",
                    "max-pooling2 backward-data",
                    "convolution2 backward-bias",
                    "convolution2 backward-filter",
                    "convolution2 backward-data",
                    "max-pooling1 backward-data",
                    "convolution1 backward-bias",
                    "convolution1 backward-filter",
                    " optimiser",
                ],
            passes,
            strict: true
        );
        JsonElement second = operations[Array.IndexOf(passes, "convolution2 forward")];
        // 2 · 8 images · 8² pixels · 50 filters · 500 taps
        Assert.Equal(0.0256, second.GetProperty("gflop").GetDouble(), 9);
        Assert.NotEqual("", second.GetProperty("algorithm").GetString());
        Assert.DoesNotContain(operations, o => o.GetProperty("algorithm").GetString()!.Contains("winograd"));
        Assert.True(json.GetProperty("fma_peak_gflops").GetDouble() > 0);
        Assert.True(json.GetProperty("bandwidth_gb_per_s").GetDouble() > 0);
        Assert.InRange(json.GetProperty("synchronisation_share").GetDouble(), 0, 1);
        Assert.InRange(json.GetProperty("imbalance_share").GetDouble(), 0, 1);
    }

    [Fact]
    public void Profile_prints_a_row_per_pass()
    {
        CommandResult result = CommandLine.Run(Arguments("profile", "lenet", "--batch", "2"));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("backward-filter", result.Output);
        Assert.Contains("Synchronisation", result.Output);
    }

    [Theory]
    [InlineData("bench")]
    [InlineData("profile")]
    public void A_batch_beyond_every_size_is_refused_with_the_sum(string command)
    {
        foreach (string batch in (string[])["1000000", "2147483647"])
            Run(command, "lenet", "--batch", batch).AssertError(1, $"batch {batch}", "MB", "activations");
    }

    [Fact]
    public void An_algorithm_that_cannot_do_a_layer_is_named_with_it()
    {
        // LeNet's layers have one group.
        foreach (string command in (string[])["bench", "profile"])
            Run(command, "lenet", "--batch", "2", "--algorithm", "depthwise").AssertError(1, "depthwise", "5×5");
    }

    [Fact]
    public void Help_names_the_planners_algorithms() =>
        Assert.Contains(string.Join(", ", ConvolutionPlanner.Names), CommandLine.Run("bench", "--help").Output);

    private static CommandResult Run(params string[] arguments) => CommandLine.Run([.. Arguments(arguments), "--json"]);

    // A cache of the user who runs the tests must not count.
    private static string[] Arguments(params string[] arguments) => [.. arguments, "--seconds", "0.01"];
}

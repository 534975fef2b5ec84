using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Benchmarks;
using NativeCnn.OneDnn;
using NativeCnn.Tensors;
using NativeCnn.Tests.OneDnn;

namespace NativeCnn.Tests.Backends;

/// <summary>The benchmark that judges the cost model of convolutions on random layers; no time is asserted.</summary>
public sealed class ConvolutionRegretTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void The_same_seed_draws_the_same_layers(ulong seed)
    {
        IReadOnlyList<ConvolutionGeometry> layers = RandomLayers.Draw(200, seed);
        Assert.Equal(layers, RandomLayers.Draw(200, seed));
        // More layers are the same and others behind them.
        Assert.Equal(layers, RandomLayers.Draw(300, seed).Take(200));
        Assert.NotEqual(layers, RandomLayers.Draw(200, seed + 1));
        Assert.True(layers.Distinct().Count() > 190);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Layers_are_of_every_kind_and_bounded(ulong seed)
    {
        IReadOnlyList<ConvolutionGeometry> layers = RandomLayers.Draw(1000, seed);
        foreach (ConvolutionGeometry g in layers)
        {
            Assert.InRange(g.MultiplyAdds, RandomLayers.MinMultiplyAdds, RandomLayers.MaxMultiplyAdds);
            Assert.InRange(g.BatchSize, 1, 64);
            Assert.InRange(g.Height, 7, 224);
            Assert.InRange(g.Channels, 1, 1024);
            Assert.InRange(g.Filters, 1, 1024);
            Assert.Contains(g.PadTop, (int[])[0, g.KernelHeight / 2]);
        }
        Assert.Equal([1, 3, 5, 7, 11], layers.Select(g => g.KernelHeight).Distinct().Order());
        Assert.Equal([1, 2, 4], layers.Select(g => g.StrideY).Distinct().Order());
        Assert.Contains(layers, g => g.Channels == 3);
        Assert.Contains(layers, g => g.Filters == 1024);
        Assert.Contains(layers, g => g.Channels % 8 != 0);
        Assert.InRange(layers.Count(g => DepthwiseForward.CanCompute(g)), 30, 300);
        Assert.InRange(layers.Count(g => g.Groups > 1 && g.ChannelsPerGroup > 1), 30, 300);
    }

    [Fact]
    public void Regret_is_the_time_lost_over_the_fastest()
    {
        RegretReport report = new([Choice(3, 2, 4), Choice(5, 8), Choice(1.1, 1, 1)]);
        Assert.Equal([0.5, 0.1, 0], report.WorstChoices.Select(choice => Math.Round(choice.Regret, 12)));
        Assert.Equal(0.2, report.Mean, 12);
        Assert.Equal(0.5, report.Worst, 12);
        Assert.Equal(1, report.FastestCount);
        Assert.Equal((0.0, 0.0), (new RegretReport([]).Mean, new RegretReport([]).Worst));
    }

    [Fact]
    public void The_report_has_each_pass_and_what_would_have_been_better()
    {
        StringWriter output = new() { NewLine = "\n" };
        new RegretReport([Choice(3, 2, 4), Choice(5, 8)]).Write(output);
        Assert.Equal(
            """
            all passes                  regret  25.0 % mean,   50.0 % worst; 1 of 2 choices are the fastest
            ConvolutionForward          regret  25.0 % mean,   50.0 % worst; 1 of 2 choices are the fastest
            the worst choices:
              50.0 %  a0 3.000 ms, a1 2.000 ms: ConvolutionForward (2×9×9×4 → 8, 3×3)

            """.ReplaceLineEndings("\n"),
            output.ToString()
        );
    }

    [Fact]
    public void Of_many_choices_the_ten_worst_are_reported()
    {
        StringWriter output = new();
        new RegretReport([.. Enumerable.Range(1, 30).Select(i => Choice(i, 1))]).Write(output);
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(13, lines.Length);
        Assert.Contains("2900.0 %", lines[3], StringComparison.Ordinal);
        Assert.Contains("2000.0 %", lines[12], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_measured_is_what_the_backend_would_take_and_all_else_that_it_could(int threads)
    {
        using var backend = new NativeBackend(threads);
        using ChoiceMeasurement measurement = new(threads, withOneDnn: false);
        foreach (ConvolutionGeometry g in RandomLayers.Draw(40, 1).Where(g => g.MultiplyAdds < 10_000_000).Take(3))
        {
            foreach (ConvolutionOperation pass in ChoiceMeasurement.PassesOf(g))
            {
                MeasuredChoice choice = measurement.Measure(pass, 0.001);
                Assert.Equal(backend.Plan(pass)!.Algorithm, choice.Chosen.Algorithm);
                Assert.Equal(
                    ConvolutionPlanner.Candidates(g, PassOf(pass), exact: false).Select(c => c.Algorithm),
                    choice.Times.Select(time => time.Algorithm)
                );
                Assert.All(choice.Times, time => Assert.True(time is { Milliseconds: > 0, Predicted: > 0 }));
            }
        }
    }

    [OneDnnTheory]
    [InlineData(1)]
    public void The_choosing_backend_is_measured_with_oneDnn(int threads)
    {
        using var backend = new AutoBackend(threads);
        using ChoiceMeasurement measurement = new(threads, withOneDnn: true);
        ConvolutionGeometry g = new(new Shape(2, 14, 14, 32), 32, 3, padding: Padding.All(1));
        foreach (ConvolutionOperation pass in ChoiceMeasurement.PassesOf(g))
        {
            MeasuredChoice choice = measurement.Measure(pass, 0.001);
            Assert.Contains(choice.Times, time => time.Algorithm == "onednn");
            Assert.StartsWith(choice.Chosen.Algorithm, backend.Plan(pass)!.Algorithm, StringComparison.Ordinal);
        }
    }

    private static ConvolutionPass PassOf(ConvolutionOperation operation) =>
        operation switch
        {
            ConvolutionForward => ConvolutionPass.Forward,
            ConvolutionBackwardData => ConvolutionPass.BackwardData,
            _ => ConvolutionPass.BackwardFilter,
        };

    private static MeasuredChoice Choice(params double[] milliseconds) =>
        new(
            new ConvolutionForward(new(new Shape(2, 9, 9, 4), 8, 3), Activation.Identity, hasBias: false),
            [.. milliseconds.Select((time, k) => new MeasuredTime($"a{k}", 1, time))]
        );
}

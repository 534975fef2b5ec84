using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>Batch normalisation: its rows, values of PyTorch, and what it refuses.</summary>
public sealed class BatchNormTests : IOperationRows, INetworkRows
{
    // Two values a channel, fewer channels than a vector, a rest, vectors, and enough pixels for several threads.
    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])
            [
                new(2, 1, 1, 1),
                new(3, 5, 7, 3),
                new(5, 1, 1, 33),
                new(2, 3, 3, 70),
                new(4, 48, 48, 16),
                new(9, 7, 7, 300),
            ]
        let forward = new BatchNormForward(1e-2f, 0.1f, shape)
        let variance = Fillers.Between(0.5f, 2)
        from row in (OperationCase[])
            [
                new(forward, $"{shape}") { ["runningVariance"] = variance },
                new(new BatchNormInference(1e-5f, shape), $"{shape}") { ["runningVariance"] = variance },
                new(new BatchNormBackward(shape), $"{shape}")
                {
                    ["inverseDeviation"] = Fillers.Between(0.5f, 2),
                    DerivativeOf = new(forward, ""),
                },
                new(new BatchNormBackward(shape, wantsInputGradient: false), $"{shape}, first layer")
                {
                    ["inverseDeviation"] = Fillers.Between(0.5f, 2),
                    DerivativeOf = new(forward, ""),
                },
                .. from f in ActivationTests.Kinds
                where shape.Channels == 33 && f != Activation.Identity
                from operation in (Operation[])
                    [new BatchNormForward(1e-2f, 0.1f, shape, f), new BatchNormInference(1e-5f, shape, f)]
                select new OperationCase(operation, $"{shape}, {f.Kind}") { ["runningVariance"] = variance },
            ]
        select row;

    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["batch normalisation"] = () =>
                NetworkBuilder
                    .Start(6, 6, 2)
                    .BatchNorm()
                    .Convolution(5, 3)
                    .Tanh()
                    .Add(new BatchNorm(0.25f, 1e-3f))
                    .Dense(5)
                    .Build(13),
        };

    /// <summary>
    /// Values of the formulas that PyTorch's batch_norm documents, worked out in float64, not by running PyTorch.
    /// </summary>
    [Theory, EveryBackend]
    public void Values_and_running_averages_are_PyTorchs(string backend)
    {
        // Two channels: 1, 2, 6 and 10, 20, 30.
        double[][] written = Compute(
            backend,
            new BatchNormForward(1e-5f, 0.1f, new Shape(3, 1, 1, 2)),
            [1, 10, 2, 20, 6, 30],
            [2, 1],
            [0, 0.5],
            [0, 10],
            [1, 1]
        );
        // Means 3 and 20; biased variances 14/3 and 200/3, unbiased ones 7 and 100.
        Comparison.Close([0.3, 11], written[0], Tolerance.OfSum(4), "running mean");
        Comparison.Close([1.6, 10.9], written[1], Tolerance.OfSum(4), "running variance");
        double first = 1 / Math.Sqrt(14.0 / 3 + 1e-5);
        double second = 1 / Math.Sqrt(200.0 / 3 + 1e-5);
        double[] expected = [-4 * first, 0.5 - 10 * second, -2 * first, 0.5, 6 * first, 0.5 + 10 * second];
        Comparison.Close(expected, written[2], Tolerance.OfSum(4), "output");
        Comparison.Close([3, 20], written[3], Tolerance.OfSum(4), "mean");
        Comparison.Close([first, second], written[4], Tolerance.OfSum(4), "inverse deviation");
    }

    /// <summary>A mean a thousand times the deviation costs the digits of the input, and no more.</summary>
    [Theory, EveryBackend]
    public void A_large_mean_costs_no_digits_of_the_variance(string backend)
    {
        Shape shape = new(8, 32, 32, 3);
        var random = new Random(3);
        double[] x = [.. Enumerable.Range(0, shape.Count).Select(_ => 1000 + random.Next(-128, 129) / 64.0)];
        double[][] written = Compute(
            backend,
            new BatchNormForward(1e-5f, 1, shape),
            x,
            [1, 1, 1],
            [0, 0, 0],
            [0, 0, 0],
            [0, 0, 0]
        );
        for (int c = 0; c < 3; c++)
        {
            double[] channel = [.. x.Where((_, k) => k % 3 == c)];
            double mean = channel.Average();
            double variance = channel.Sum(value => (value - mean) * (value - mean)) / (channel.Length - 1);
            // The means of parts are float32: of 1000 the last digit is 6e-5.
            Comparison.Close([variance], [written[1][c]], new Tolerance(0, 5e-6), "variance");
            Comparison.Close([mean], [written[0][c]], new Tolerance(0, 1e-7), "mean");
        }
    }

    [Theory, EveryBackend]
    public void An_activation_finishes_it(string backend)
    {
        Shape shape = new(4, 1, 1, 1);
        double[] y = Compute(
            backend,
            new BatchNormInference(0.25f, shape, Activation.ClippedRelu(6)),
            [-3, 1, 10, double.NaN],
            [2],
            [1],
            [0],
            [0.75]
        )[0];
        Assert.Equal([0, 3, 6, double.NaN], y);
        // Of values −1 and 1 the deviation is 1.
        y = Compute(
            backend,
            new BatchNormForward(1e-30f, 0.1f, shape, Activation.Relu),
            [-1, 1, -1, 1],
            [2],
            [0.5],
            [0],
            [1]
        )[2];
        Assert.Equal([0, 2.5, 0, 2.5], y);
    }

    [Theory, EveryBackend]
    public void A_NaN_spoils_its_channel_and_no_other(string backend)
    {
        double[] y = Compute(
            backend,
            new BatchNormForward(1e-5f, 0.1f, new Shape(3, 1, 1, 2)),
            [1, 10, double.NaN, 20, 6, 30],
            [2, 1],
            [0, 0.5],
            [0, 10],
            [1, 1]
        )[2];
        Assert.All(y.Where((_, k) => k % 2 == 0), value => Assert.True(double.IsNaN(value)));
        Assert.All(y.Where((_, k) => k % 2 == 1), value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void Gamma_is_decayed_as_a_weight_and_the_running_averages_are_state()
    {
        using Network network = NetworkBuilder.Start(2, 2, 3).BatchNorm().Dense(2).Build();
        IReadOnlyList<Parameter> parameters = network.Nodes[0].Layer.Parameters;
        Assert.Equal([false, true, false, false], parameters.Select(p => p.IsBias));
        Assert.Equal(
            [ParameterRole.Trained, ParameterRole.Trained, ParameterRole.State, ParameterRole.State],
            parameters.Select(p => p.Role)
        );
    }

    [Fact]
    public void One_value_a_channel_is_refused_in_training_and_serves_at_inference()
    {
        using Network network = NetworkBuilder.Start(1, 1, 3).BatchNorm().Dense(2).Build();
        using var backend = new ManagedBackend();
        var e = Assert.Throws<ShapeException>(() => network.Compile(backend, 1, Phase.Training));
        Assert.Contains("'batch-norm1' (batch-norm)", e.Message, StringComparison.Ordinal);
        Assert.Contains("one value has no variance", e.Message, StringComparison.Ordinal);
        using CompiledNetwork compiled = network.Compile(backend, 1, Phase.Inference);
    }

    [Theory]
    [InlineData(-0.1f, 1e-5f)]
    [InlineData(1.1f, 1e-5f)]
    [InlineData(float.NaN, 1e-5f)]
    [InlineData(0.1f, 0)]
    [InlineData(0.1f, float.NaN)]
    [InlineData(0.1f, float.PositiveInfinity)]
    public void Impossible_constants_are_refused(float momentum, float epsilon)
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => new BatchNorm(momentum, epsilon));
        Assert.Contains("got ", e.Message, StringComparison.Ordinal);
    }
}

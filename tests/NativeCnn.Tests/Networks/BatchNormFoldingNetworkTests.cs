using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Formats;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Networks.Compilation;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;
using NativeCnn.Tests.Backends;
using NativeCnn.Tests.Networks.Compilation;
using NativeCnn.Threading;
using NativeCnn.Training;
using SoftmaxCrossEntropy = NativeCnn.Losses.SoftmaxCrossEntropy;

namespace NativeCnn.Tests.Networks;

/// <summary>
/// Networks whose batch normalisations are folded into filters at inference: the same outputs as unfolded, those of the
/// parameters of now, and the file as before.
/// </summary>
public sealed class BatchNormFoldingNetworkTests : INetworkRows, IDisposable
{
    private readonly NativeBackend _backend = new(2);
    private readonly Network _network = Drawn(Every());
    private readonly Tensor _input = Filled(new Shape(1, 8, 8, 3));

    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["folded batch normalisation"] = () =>
                NetworkBuilder
                    .Start(6, 6, 2)
                    .Add(new Convolution(5, 3) { Bias = false })
                    .BatchNorm()
                    .Tanh()
                    .Add(new TransposedConvolution(4, 2) { Stride = 2, Bias = false })
                    .Add(new BatchNorm(epsilon: 1e-3f))
                    .Dense(5)
                    .Build(13),
        };

    public static TheoryData<string, string> ModelsAndBackends
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string model in (string[])["resnet20", "mobilenet-v2", "every layer"])
            foreach (string backend in TestBackends.Names)
                data.Add(model, backend);
            return data;
        }
    }

    public void Dispose()
    {
        _input.Dispose();
        _network.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void Every_layer_with_filters_takes_in_what_alone_reads_it() =>
        Assert.Equal(
            [
                "convolution1 + batch-norm1 + Relu(input1)",
                "convolution2 + batch-norm2(convolution1)",
                "transposed-convolution1 + batch-norm3 + Relu(convolution2)",
                "convolution3 + batch-norm4(transposed-convolution1)",
                "addition1 + Relu(convolution3, transposed-convolution1)",
                "dense1 + batch-norm5 + Tanh(addition1)",
                "dense2(dense1)",
                "→ dense2",
            ],
            ProgramText.Rewritten(_network, Phase.Inference).Lines()
        );

    [Fact]
    public void Training_folds_nothing() =>
        Assert.DoesNotContain(
            ProgramText.Rewritten(_network, Phase.Training).Lines(),
            line => line.Contains(" + batch-norm", StringComparison.Ordinal)
        );

    [Fact]
    public void Where_it_would_change_something_else_it_stays()
    {
        Node convolution = NetworkBuilder.Start(4, 4, 1).Convolution(2, 3);
        AssertKept(convolution.BatchNorm().Plus(convolution).Build());
        convolution = NetworkBuilder.Start(4, 4, 1).Convolution(2, 3);
        AssertKept(convolution.Builder.Build([convolution.BatchNorm(), convolution]));
        AssertKept(NetworkBuilder.Start(4, 4, 1).Convolution(2, 3).MaxPooling(2).BatchNorm().Build());
        AssertKept(NetworkBuilder.Start(4, 4, 1).BatchNorm().Convolution(2, 3).Build());
        AssertKept(
            NetworkBuilder.Start(4, 4, 1).Add(new Convolution(2, 3) { HasBiasPerUnit = true }).BatchNorm().Build()
        );
        using Network activated = NetworkBuilder.Start(4, 4, 1).Convolution(2, 3).Relu().BatchNorm().Build();
        Assert.Equal(
            ["convolution1 + Relu(input1)", "batch-norm1(convolution1)", "→ batch-norm1"],
            ProgramText.Rewritten(activated, Phase.Inference).Lines()
        );
        // The first of two is folded, and the second has no filters before it that are free.
        using Network two = NetworkBuilder.Start(4, 4, 1).Convolution(2, 3).BatchNorm().BatchNorm().Build();
        Assert.Equal(
            ["convolution1 + batch-norm1(input1)", "batch-norm2(convolution1)", "→ batch-norm2"],
            ProgramText.Rewritten(two, Phase.Inference).Lines()
        );
    }

    [Theory]
    [MemberData(nameof(ModelsAndBackends))]
    public void Outputs_are_those_of_the_network_unfolded(string model, string backendName)
    {
        using Backend backend = TestBackends.Create(backendName);
        using Network network = Drawn(
            model == "every layer" ? Every() : ModelCatalog.Create(model, new Shape(1, 32, 32, 3), 10)
        );
        using Tensor input = Filled(network.InputShape.WithBatchSize(2), backend.ElementType);
        double[] folded = Outputs(network, backend, input);
        double[] expected = Outputs(Unfolded(network), backend, input);
        double largest = expected.Max(Math.Abs);
        Assert.True(largest > 1e-3);
        double allowed = (backend.ElementType == ElementType.Float64 ? 1e-12 : 1e-4) * largest;
        Comparison.Close(expected, folded, new Tolerance(allowed, 0), "output");
        using CompiledNetwork compiled = network.Compile(backend, 2, Phase.Inference);
        Assert.DoesNotContain(compiled.Calls, call => call.Operation is BatchNormInference);
        using CompiledNetwork kept = network.Compile(backend, 2, Phase.Inference, keepsPacked: true);
        kept.Forward(input);
        Assert.Equal(folded, TensorValues.Read(kept.Output));
    }

    [Theory]
    [InlineData("gamma")]
    [InlineData("beta")]
    [InlineData("mean")]
    [InlineData("variance")]
    [InlineData("weight")]
    [InlineData("training")]
    [InlineData("file")]
    public void Whatever_changes_a_parameter_counts_in_the_next_run(string change)
    {
        using CompiledNetwork kept = _network.Compile(_backend, 1, Phase.Inference, keepsPacked: true);
        float[] before = Output(kept);
        Assert.Equal(before, Output(kept));
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        switch (change)
        {
            case "training":
                using (
                    var step = new TrainingStep(
                        _network,
                        _backend,
                        2,
                        new SoftmaxCrossEntropy(),
                        new Sgd { LearningRate = 0.1f }
                    )
                )
                {
                    using Tensor two = Filled(_input.Shape.WithBatchSize(2));
                    _ = step.Run(two, Targets.Classes([1, 0]));
                }
                break;
            case "file":
                try
                {
                    using Network other = Drawn(Every(), seed: 3);
                    ModelFile.Save(path, other);
                    using SafetensorsFile file = SafetensorsFile.Open(path);
                    foreach (Parameter parameter in _network.Parameters)
                        file.Read(parameter.Name, parameter.Value.Span);
                }
                finally
                {
                    File.Delete(path);
                }
                break;
            default:
                _network.Parameters.First(p => p.Name.EndsWith($".{change}", StringComparison.Ordinal)).Value.Span[1] +=
                    0.25f;
                break;
        }
        using CompiledNetwork plain = _network.Compile(_backend, 1, Phase.Inference);
        float[] after = Output(kept);
        Assert.NotEqual(before, after);
        Assert.Equal(Output(plain), after);
    }

    /// <summary>Otherwise the test above would compare networks that fold at every run.</summary>
    [Fact]
    public void Kept_filters_are_folded_once_and_again_when_told()
    {
        using CompiledNetwork kept = _network.Compile(_backend, 1, Phase.Inference, keepsPacked: true);
        using CompiledNetwork plain = _network.Compile(_backend, 1, Phase.Inference);
        Parameter gamma = _network.Parameters.First(p => p.Name.EndsWith(".gamma", StringComparison.Ordinal));
        Span<float> span = gamma.Value.Span;
        float[] before = Output(kept);
        span[1] = 3;
        Assert.Equal(before, Output(kept));
        Assert.NotEqual(before, Output(plain));
        kept.RefreshParameters();
        Assert.Equal(Output(plain), Output(kept));
    }

    [Fact]
    public void A_run_allocates_nothing_and_gives_the_same_bits_on_any_number_of_threads()
    {
        float[]? expected = null;
        foreach (int threads in (int[])[1, 2, 3])
        {
            using var backend = new NativeBackend(threads);
            using CompiledNetwork kept = _network.Compile(backend, 1, Phase.Inference, keepsPacked: true);
            using CompiledNetwork plain = _network.Compile(backend, 1, Phase.Inference);
            void Run()
            {
                plain.Forward(_input);
                kept.Forward(_input);
                kept.RefreshParameters();
                kept.Forward(_input);
            }
            Run();
            Assert.Equal(0, AllocationMeter.Measure(Run, backend.Pool));
            expected ??= Output(plain);
            Assert.Equal(expected, Output(plain));
            Assert.Equal(expected, Output(kept));
        }
    }

    /// <summary>As unfolded: the channel's outputs, and what follows from them.</summary>
    [Theory]
    [InlineData("variance")]
    [InlineData("mean")]
    [InlineData("gamma")]
    [InlineData("beta")]
    public void A_NaN_of_a_channel_is_a_NaN_in_that_channel_alone(string name)
    {
        using Network network = NetworkBuilder.Start(5, 5, 2).Convolution(3, 3).BatchNorm().Build(4);
        using Tensor input = Filled(network.InputShape);
        Parameter parameter = network.Parameters.Single(p => p.Name == $"batch-norm1.{name}");
        parameter.Value.Span[1] = float.NaN;
        double[] output = Outputs(network, _backend, input);
        Assert.All(output.Chunk(3), pixel => Assert.Equal([false, true, false], pixel.Select(double.IsNaN)));
        using CompiledNetwork compiled = network.Compile(_backend, 1, Phase.Inference);
        Assert.Equal("'batch-norm1' (its parameters)", compiled.FindNonFinite(input));
    }

    [Fact]
    public void A_channel_without_variance_is_divided_by_the_root_of_epsilon()
    {
        using Network network = Drawn(NetworkBuilder.Start(5, 5, 2).Convolution(3, 3).BatchNorm().Build(4));
        using Tensor input = Filled(network.InputShape);
        network.Parameters.Single(p => p.Name == "batch-norm1.variance").Value.Clear();
        double[] expected = Outputs(Unfolded(network), _backend, input);
        Assert.All(expected, value => Assert.True(double.IsFinite(value)));
        double allowed = 1e-5 * expected.Max(Math.Abs);
        Comparison.Close(expected, Outputs(network, _backend, input), new Tolerance(allowed, 0), "output");
    }

    [Fact]
    public void The_file_holds_what_it_held_before()
    {
        byte[] before = FileOf(_network);
        using CompiledNetwork kept = _network.Compile(_backend, 1, Phase.Inference, keepsPacked: true);
        _ = Output(kept);
        Assert.Equal(before, FileOf(_network));
    }

    [Fact]
    public void What_is_kept_is_counted()
    {
        CompilationOptions options = new(_backend, 1, Phase.Inference, KeepsPacked: true);
        NetworkProgram program = NetworkCompiler.Plan(_network, options).Program;
        // Filters and biases of five layers, and the filters that are turned before.
        Assert.Equal(11, program.Prepared.Count());
        Assert.Empty(NetworkCompiler.Plan(_network, options with { KeepsPacked = false }).Program.Prepared);
    }

    private static void AssertKept(Network network)
    {
        using (network)
            Assert.Equal(
                ProgramText.Rewritten(network, Phase.Training).Lines(),
                ProgramText.Rewritten(network, Phase.Inference).Lines()
            );
    }

    // Convolutions without a bias, in groups and rotated; transposed in groups; dense; a residual sum.
    private static Network Every()
    {
        Node transposed = NetworkBuilder
            .Start(8, 8, 3)
            .Add(new Convolution(12, 3) { Padding = Padding.All(1), Bias = false })
            .BatchNorm()
            .Relu()
            .Add(new Convolution(12, 3) { Groups = 12 })
            .Add(new BatchNorm(epsilon: 1e-3f))
            .Add(new TransposedConvolution(6, 2) { Stride = 2, Groups = 2 })
            .BatchNorm()
            .Relu();
        return transposed
            .Add(new Convolution(6, 3) { Padding = Padding.All(1), IsRotated = true })
            .BatchNorm()
            .Plus(transposed)
            .Relu()
            .Add(new Dense(7))
            .BatchNorm()
            .Tanh()
            .Dense(4)
            .Build(seed: 5, name: "folded");
    }

    // Biases, and constants of batch normalisations, as training leaves them.
    private static Network Drawn(Network network, int seed = 1)
    {
        var random = new Random(seed);
        foreach (Parameter parameter in network.Parameters)
        {
            string name = parameter.Name.Split('.')[^1];
            if (name == "weight")
                continue;
            float least = name is "gamma" or "variance" ? 0.5f : -0.5f;
            foreach (ref float value in parameter.Value.Span)
                value = least + random.NextSingle();
        }
        return network;
    }

    // The same layers and parameters; what leaves the network is not folded into. It owns nothing.
    private static Network Unfolded(Network network) =>
        new(
            network.Name,
            network.InputShapes,
            network.Nodes,
            [.. network.Outputs, .. Enumerable.Range(0, network.Nodes.Count)]
        );

    private static double[] Outputs(Network network, Backend backend, Tensor input)
    {
        using CompiledNetwork compiled = network.Compile(backend, input.Shape.BatchSize, Phase.Inference);
        compiled.Forward(input);
        return TensorValues.Read(compiled.Output);
    }

    private static byte[] FileOf(Network network)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            ModelFile.Save(path, network);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private float[] Output(CompiledNetwork compiled)
    {
        compiled.Forward(_input);
        return compiled.Output.Span.ToArray();
    }

    private static Tensor Filled(Shape shape, ElementType type = ElementType.Float32)
    {
        var random = new Random(shape.Count);
        return TensorValues.Tensor(
            shape,
            type,
            [.. Enumerable.Range(0, shape.Count).Select(_ => 2 * random.NextDouble() - 1)]
        );
    }
}

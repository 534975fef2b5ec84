using NativeCnn.Backends;
using NativeCnn.Formats;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;
using NativeCnn.Tests.Data;
using NativeCnn.Training;

namespace NativeCnn.Tests.Networks;

/// <summary>Parameters that a layer's own forward pass changes, such as running averages.</summary>
public sealed class ParameterStateTests
{
    [Fact]
    public void The_layer_changes_it_and_the_optimiser_does_not()
    {
        using Backend backend = RunningMean.CreateBackend();
        using Network network = Create();
        var sgd = new Sgd
        {
            LearningRate = 1,
            Momentum = 0.5f,
            WeightDecay = 1,
        };
        using var step = new TrainingStep(network, backend, 3, new SoftmaxCrossEntropy(), sgd);
        Assert.Null(State(step.Compiled).Gradient);
        double mean = 0;
        for (int i = 0; i < 3; i++)
        {
            using Tensor input = NetworkCases.Input(network, 3, (ulong)i);
            mean = (mean + TensorValues.Read(input).Average()) / 2;
            double[] before = NetworkCases.Values(network)[^1];
            step.Run(input, Targets.Classes([0, 1, 2]));
            Assert.NotEqual(before, NetworkCases.Values(network)[^1]);
            Assert.Equal(mean, TensorValues.Read(State(step.Compiled).Value)[0], 1e-6);
        }
    }

    [Fact]
    public void The_gradient_check_leaves_it_out()
    {
        using Backend backend = RunningMean.CreateBackend(ElementType.Float64);
        using Network network = Create();
        using Tensor input = NetworkCases.Input(network, 3, 1);
        var result = GradientCheck.Run(network, new SoftmaxCrossEntropy(), input, [0, 1, 2], backend: backend);
        Assert.Equal(["dense1.weight", "dense1.bias"], result.Parameters.Select(error => error.Parameter));
        Assert.True(result.IsRight, $"{result}");
    }

    [Fact]
    public void A_gradient_check_of_float32_leaves_it_as_it_is()
    {
        using Backend backend = RunningMean.CreateBackend();
        using Backend wide = RunningMean.CreateBackend(ElementType.Float64);
        using Network network = Create();
        double[][] before = NetworkCases.Values(network);
        using Tensor input = NetworkCases.Input(network, 3, 1);
        var loss = new SoftmaxCrossEntropy();
        var result = GradientCheck.Run(network, loss, input, [0, 1, 2], backend: backend, differences: wide);
        Assert.True(result.IsRight, $"{result}");
        Assert.Equal(before, NetworkCases.Values(network));
    }

    [Fact]
    public void Looking_for_what_is_not_finite_leaves_it_as_it_is()
    {
        using Backend backend = RunningMean.CreateBackend();
        using Network network = Create();
        using CompiledNetwork compiled = network.Compile(backend, 3, Phase.Training);
        using Tensor input = NetworkCases.Input(network, 3, 1);
        compiled.Forward(input);
        double[][] before = NetworkCases.Values(network);
        Assert.Null(compiled.FindNonFinite(input));
        Assert.Equal(before, NetworkCases.Values(network));
        network.Parameters[1].Value.Span[0] = float.PositiveInfinity;
        Assert.Equal("'dense1' (its parameters)", compiled.FindNonFinite(input));
        Assert.Equal(before[0], NetworkCases.Values(network)[0]);
    }

    [Fact]
    public void State_that_the_pass_itself_makes_is_no_origin()
    {
        using Backend backend = RunningMean.CreateBackend();
        using Network network = Create();
        using Tensor input = NetworkCases.Input(network, 3, 1);
        network.Parameters[0].Value.Span[0] = float.NaN;
        using CompiledNetwork training = network.Compile(backend, 3, Phase.Training);
        Assert.Null(training.FindNonFinite(input));
        using CompiledNetwork inference = network.Compile(backend, 3, Phase.Inference);
        Assert.Equal("'test-running-mean1' (its parameters)", inference.FindNonFinite(input));
    }

    [Fact]
    public void Files_keep_it()
    {
        using var folder = new TemporaryFolder();
        using Backend backend = RunningMean.CreateBackend();
        using Network network = Create();
        network.Parameters[0].Value.Span[0] = 0.75f;
        ModelFile.Save(folder.File("model"), network);
        using Network loaded = ModelFile.Load(folder.File("model"));
        Assert.Equal(ParameterRole.State, loaded.Parameters[0].Role);
        Assert.Equal(NetworkCases.Values(network), NetworkCases.Values(loaded));
        using Tensor input = NetworkCases.Input(network, 2, 1);
        Assert.Equal(
            NetworkCases.OneByOne(network, backend, input)[^1],
            NetworkCases.OneByOne(loaded, backend, input)[^1]
        );
    }

    [Fact]
    public void Summaries_count_it_apart()
    {
        using Backend backend = RunningMean.CreateBackend();
        using Network network = Create();
        NetworkSummary summary = network.Summarize(2, backend);
        Assert.Equal((4 * 4 * 3 + 3, 1), (network.ParameterCount, network.StateCount));
        Assert.Equal((4 * 4 * 3 + 3, 1), (summary.Parameters, summary.State));
        Assert.Equal([(0, 1), (51, 0)], summary.Layers.Select(layer => (layer.Parameters, layer.State)));
        // It takes memory as every parameter does, and has neither gradient nor velocity.
        Assert.Equal(52 * 4, summary.Training.Parameters);
        Assert.Equal((51 * 4, 51 * 4), (summary.Training.Gradients, summary.Training.OptimizerState));
    }

    [Fact]
    public void A_layer_that_asks_for_its_gradient_is_told_that_there_is_none()
    {
        using Backend backend = RunningMean.CreateBackend();
        using Network network = NetworkBuilder.Start(2, 2, 1).Dense(2).Add(new Confused()).Build();
        var e = Assert.Throws<InvalidOperationException>(() => network.Compile(backend, 2, Phase.Training));
        Assert.Equal("'test-running-mean1.mean' is state: it has no gradient.", e.Message);
    }

    private static Network Create() => NetworkBuilder.Start(4, 4, 1).Add(new RunningMean()).Dense(3).Build(3);

    private static ParameterSlot State(CompiledNetwork compiled) =>
        compiled.Parameters.Single(slot => slot.Parameter.Role == ParameterRole.State);

    private sealed class Confused : RunningMean
    {
        public override void Backward(LayerContext context) => context.PassGradient(0, context.ParameterGradient(0));
    }
}

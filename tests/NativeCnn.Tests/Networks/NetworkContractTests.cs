using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Threading;
using NativeCnn.Training;

namespace NativeCnn.Tests.Networks;

/// <summary>What holds for every network of <see cref="NetworkCases"/>.</summary>
public sealed class NetworkContractTests
{
    public static TheoryData<string> Networks => NetworkCases.Names;

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_agree_with_central_differences(string name)
    {
        using Network network = NetworkCases.Create(name);
        using Tensor input = NetworkCases.Input(network, 3, 1);
        using var loss = new SoftmaxCrossEntropy();
        IReadOnlyList<ParameterGradientError> errors = GradientCheck.Run(
            network,
            loss,
            input,
            NetworkCases.Labels(network, 3, 1)
        );
        Assert.Equal(network.Parameters.Count, errors.Count);
        Assert.All(errors, error => Assert.True(error.WorstRelativeError < 1e-5, error.ToString()));
        Assert.Contains(errors, error => error.Analytic != 0);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Squared_errors_gradients_agree_too(string name)
    {
        using Network network = NetworkCases.Create(name);
        using Tensor input = NetworkCases.Input(network, 2, 2);
        using var loss = new SquaredError(0.5, -1, 1);
        int[] labels = NetworkCases.Labels(network, 2, 2);
        Assert.All(
            GradientCheck.Run(network, loss, input, labels, elements: 10),
            error => Assert.True(error.WorstRelativeError < 1e-5, error.ToString())
        );
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Native_follows_managed_over_several_steps(string name)
    {
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(2);
        (double[] expectedLosses, float[][] expected) = Train(name, managed, 4);
        (double[] losses, float[][] values) = Train(name, native, 4);
        for (int i = 0; i < losses.Length; i++)
            Assert.True(
                Math.Abs(losses[i] - expectedLosses[i]) <= 1e-5 * Math.Abs(expectedLosses[i]),
                $"step {i}: {losses[i]} and {expectedLosses[i]}"
            );
        for (int p = 0; p < values.Length; p++)
        {
            for (int i = 0; i < values[p].Length; i++)
                Assert.True(
                    Math.Abs(values[p][i] - expected[p][i]) <= 1e-5f,
                    $"parameter {p}[{i}]: {values[p][i]} and {expected[p][i]}"
                );
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Any_number_of_threads_gives_the_same_bits(string name)
    {
        (double[] Losses, float[][] Values) one = TrainNative(name, 1);
        foreach (int threads in (int[])[1, 2, 3])
        {
            (double[] losses, float[][] values) = TrainNative(name, threads);
            Assert.Equal(one.Losses, losses);
            for (int p = 0; p < values.Length; p++)
                Assert.Equal(one.Values[p], values[p]);
        }
    }

    // Shared memory must not change a result: every output is compared with a run in which each layer is a network's last.
    [Theory]
    [MemberData(nameof(Networks))]
    public void Inference_gives_what_the_layers_give_one_by_one(string name)
    {
        using Network network = NetworkCases.Create(name);
        using Tensor input = NetworkCases.Input(network, 2, 3);
        using var backend = new ManagedBackend();
        using CompiledNetwork compiled = network.Compile(backend, 2, Phase.Inference);
        compiled.Forward(input);
        float[] expected = OneByOne(network, backend, input);
        float[] actual = compiled.Output.Span.ToArray();
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-6f);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_step_allocates_nothing_after_the_first(string name)
    {
        using Network network = NetworkCases.Create(name);
        using Tensor input = NetworkCases.Input(network, 3, 1);
        int[] labels = NetworkCases.Labels(network, 3, 1);
        using var backend = new NativeBackend(2);
        using CompiledNetwork compiled = network.Compile(backend, 3, Phase.Training);
        using var loss = new SoftmaxCrossEntropy();
        using var optimizer = new Sgd { Momentum = 0.9f };
        optimizer.Prepare(compiled.Parameters);
        void Step()
        {
            compiled.ZeroGradients();
            compiled.Forward(input);
            loss.Evaluate(backend, compiled.Output, labels, 1.0 / 3, compiled.OutputGradient);
            compiled.Backward();
            optimizer.Update(backend);
        }
        Step();
        Step();
        void Steps()
        {
            for (int i = 0; i < 5; i++)
                Step();
        }
        Assert.Equal(0, AllocationMeter.Measure(Steps, backend.Pool));
    }

    private static (double[] Losses, float[][] Values) TrainNative(string name, int threads)
    {
        using var backend = new NativeBackend(threads);
        return Train(name, backend, 3);
    }

    private static (double[] Losses, float[][] Values) Train(string name, IBackend backend, int steps)
    {
        using Network network = NetworkCases.Create(name);
        using CompiledNetwork compiled = network.Compile(backend, 3, Phase.Training);
        using var loss = new SoftmaxCrossEntropy();
        using var optimizer = new Sgd
        {
            LearningRate = 0.05f,
            Momentum = 0.9f,
            WeightDecay = 1e-3f,
        };
        optimizer.Prepare(compiled.Parameters);
        double[] losses = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            using Tensor input = NetworkCases.Input(network, 3, (ulong)i);
            compiled.ZeroGradients();
            compiled.Forward(input);
            losses[i] = loss.Evaluate(
                backend,
                compiled.Output,
                NetworkCases.Labels(network, 3, (ulong)i),
                1.0 / 3,
                compiled.OutputGradient
            );
            compiled.Backward();
            optimizer.Update(backend);
        }
        return (losses, [.. compiled.Parameters.Select(slot => slot.Value.Span.ToArray())]);
    }

    private static float[] OneByOne(Network network, ManagedBackend backend, Tensor input)
    {
        var outputs = new List<Tensor>();
        foreach ((Layer layer, IReadOnlyList<int> inputs, Shape shape) in network.Nodes)
        {
            Tensor[] sources = [.. inputs.Select(i => i < 0 ? input : outputs[i])];
            var context = new LayerContext(
                backend,
                Phase.Inference,
                [.. sources.Select(s => s.Shape)],
                shape.WithBatch(2),
                0
            )
            {
                Output = new Tensor(shape.WithBatch(2)),
                Parameters = [.. layer.Parameters.Select(p => p.Value)],
            };
            sources.CopyTo(context.Inputs, 0);
            layer.Prepare(context);
            if (layer.IsView(Phase.Inference))
                context.Input.CopyTo(context.Output);
            else
                layer.Forward(context);
            outputs.Add(context.Output);
        }
        return outputs[^1].Span.ToArray();
    }
}

using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
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
        int[] labels = NetworkCases.Labels(network, 3, 1);
        GradientCheckResult result = GradientCheck.Run(network, new SoftmaxCrossEntropy(), input, labels);
        int trained = network.Parameters.Count(parameter => parameter.Role == ParameterRole.Trained);
        Assert.Equal(trained, result.Parameters.Count);
        Assert.True(result.IsRight, $"{result}");
        Assert.Contains(result.Parameters, error => error.Analytic != 0);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Squared_errors_gradients_agree_too(string name)
    {
        using Network network = NetworkCases.Create(name);
        using Tensor input = NetworkCases.Input(network, 2, 2);
        int[] labels = NetworkCases.Labels(network, 2, 2);
        GradientCheckResult result = GradientCheck.Run(
            network,
            new SquaredError(0.5, -1, 1),
            input,
            labels,
            elements: 10
        );
        Assert.True(result.IsRight, $"{result}");
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_native_backends_gradients_agree_with_differences_in_float64(string name)
    {
        using Network network = NetworkCases.Create(name);
        using Tensor input = NetworkCases.Input(network, 3, 1);
        int[] labels = NetworkCases.Labels(network, 3, 1);
        using var native = new NativeBackend(2);
        GradientCheckResult result = GradientCheck.Run(
            network,
            new SoftmaxCrossEntropy(),
            input,
            labels,
            elements: 20,
            backend: native
        );
        Assert.True(result.IsRight, $"{result}");
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Native_follows_managed_over_several_steps(string name)
    {
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(2);
        (double[] expectedLosses, double[][] expected) = Train(name, managed, 4);
        (double[] losses, double[][] values) = Train(name, native, 4);
        Comparison.Close(expectedLosses, losses, new Tolerance(0, 1e-5), "losses");
        for (int p = 0; p < values.Length; p++)
            Comparison.Close(expected[p], values[p], new Tolerance(1e-5, 0), $"parameter {p}");
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Any_number_of_threads_gives_the_same_bits(string name)
    {
        (double[] Losses, double[][] Values) one = TrainNative(name, 1);
        foreach (int threads in (int[])[1, 2, 3])
        {
            (double[] losses, double[][] values) = TrainNative(name, threads);
            Assert.Equal(one.Losses, losses);
            for (int p = 0; p < values.Length; p++)
                Assert.Equal(one.Values[p], values[p]);
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Inference_gives_what_the_layers_give_one_by_one(string name)
    {
        using Network network = NetworkCases.Create(name);
        using Tensor input = NetworkCases.Input(network, 2, 3);
        using var backend = new ManagedBackend();
        using CompiledNetwork compiled = network.Compile(backend, 2, Phase.Inference);
        compiled.Forward(input);
        double[] expected = NetworkCases.OneByOne(network, backend, input)[^1];
        Comparison.Close(expected, TensorValues.Read(compiled.Output), new Tolerance(1e-6, 0), name);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_step_allocates_nothing_after_the_first(string name)
    {
        using Network network = NetworkCases.Create(name);
        using Tensor input = NetworkCases.Input(network, 3, 1);
        int[] labels = NetworkCases.Labels(network, 3, 1);
        using var backend = new NativeBackend(2);
        using var step = new TrainingStep(network, backend, 3, new SoftmaxCrossEntropy(), new Sgd { Momentum = 0.9f });
        void Steps(int count)
        {
            for (int i = 0; i < count; i++)
                step.Run(input, Targets.Classes(labels));
        }
        Steps(2);
        Assert.Equal(0, AllocationMeter.Measure(() => Steps(5), backend.Pool));
    }

    [Fact]
    public void Every_layer_is_in_one_of_the_networks() =>
        Assert.Empty(EngineTypes.Of<Layer>().Except(NetworkCases.LayerTypes));

    private static (double[] Losses, double[][] Values) TrainNative(string name, int threads)
    {
        using var backend = new NativeBackend(threads);
        return Train(name, backend, 3);
    }

    private static (double[] Losses, double[][] Values) Train(string name, Backend backend, int steps)
    {
        using Network network = NetworkCases.Create(name);
        var sgd = new Sgd
        {
            LearningRate = 0.05f,
            Momentum = 0.9f,
            WeightDecay = 1e-3f,
        };
        using var step = new TrainingStep(network, backend, 3, new SoftmaxCrossEntropy(), sgd);
        double[] losses = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            using Tensor input = NetworkCases.Input(network, 3, (ulong)i);
            losses[i] = step.Run(input, Targets.Classes(NetworkCases.Labels(network, 3, (ulong)i))).Loss;
        }
        return (losses, NetworkCases.Values(network));
    }
}

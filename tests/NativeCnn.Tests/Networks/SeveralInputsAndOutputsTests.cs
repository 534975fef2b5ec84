using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Tests.Networks;

public sealed class SeveralInputsAndOutputsTests
{
    private const int BatchSize = 3;

    // Random graphs, by a seed each.
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Fact]
    public void Outputs_are_those_of_the_layers_one_by_one()
    {
        using Network network = Create();
        AssertOneByOne(network);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Outputs_of_any_graph_are_those_of_the_layers_one_by_one(int seed)
    {
        using Network network = RandomNetworks.Create((ulong)seed);
        AssertOneByOne(network);
    }

    [Fact]
    public void Gradients_of_the_sum_of_two_losses_agree_with_central_differences()
    {
        using Network network = Create();
        using var backend = new ManagedBackend(ElementType.Float64);
        using CompiledNetwork compiled = network.Compile(backend, BatchSize, Phase.Training);
        using PreparedLoss classes = new SoftmaxCrossEntropy().Prepare(backend, compiled.Outputs[0].Shape);
        using PreparedLoss values = new SquaredError().Prepare(backend, compiled.Outputs[1].Shape, TargetKind.Values);
        using Tensor targets = Random(compiled.Outputs[1].Shape, 5);
        AssertGradients(
            compiled,
            () =>
                classes.Evaluate(compiled.Outputs[0], Targets.Classes([1, 0, 4]), 1, compiled.OutputGradients[0])
                + values.Evaluate(compiled.Outputs[1], Targets.Values(targets), 1, compiled.OutputGradients[1])
        );
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Gradients_of_any_graph_agree_with_central_differences(int seed)
    {
        using Network network = RandomNetworks.Create((ulong)seed);
        using var backend = new ManagedBackend(ElementType.Float64);
        using CompiledNetwork compiled = network.Compile(backend, BatchSize, Phase.Training);
        Tensor[] weights = [.. compiled.Outputs.Select((output, i) => Random(output.Shape, (ulong)i))];
        // The weighted sum of all values that leave: its gradient is the weights.
        AssertGradients(
            compiled,
            () =>
            {
                double sum = 0;
                for (int i = 0; i < weights.Length; i++)
                {
                    double[] outputs = TensorValues.Read(compiled.Outputs[i]);
                    sum += outputs.Zip(TensorValues.Read(weights[i]), (y, w) => y * w).Sum();
                    weights[i].CopyTo(compiled.OutputGradients[i]);
                }
                return sum;
            }
        );
    }

    [Fact]
    public void Native_follows_managed_whether_steps_are_fused_or_not()
    {
        double[][] expected = Train(new ManagedBackend(), false);
        foreach (bool keepsGradients in (bool[])[false, true])
        {
            double[][] values = Train(new NativeBackend(2), keepsGradients);
            for (int p = 0; p < values.Length; p++)
                Comparison.Close(expected[p], values[p], new Tolerance(1e-5, 0), $"parameter {p}");
        }
    }

    [Fact]
    public void Inputs_that_do_not_fit_are_refused_and_which_it_is_said()
    {
        using Network network = Create();
        using var backend = new ManagedBackend();
        using CompiledNetwork compiled = network.Compile(backend, BatchSize, Phase.Inference);
        Tensor[] inputs = Inputs(compiled);
        var e = Assert.Throws<ShapeException>(() => compiled.Forward(inputs[0]));
        Assert.Equal("Network 'two inputs' takes 2 inputs; got 1.", e.Message);
        e = Assert.Throws<ShapeException>(() => compiled.Forward(inputs[0], inputs[0]));
        Assert.Contains(
            "compiled for Float32 3×1×1×3; its input is Float32 3×6×6×2",
            e.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_has_one_loss_refuses_several_outputs()
    {
        using Network network = Create();
        using var backend = new ManagedBackend();
        using Tensor input = NetworkCases.Input(network, BatchSize, 1);
        foreach (
            Action use in (Action[])
                [
                    () => _ = new TrainingStep(network, backend, BatchSize, new SquaredError(), new Sgd()),
                    () => GradientCheck.Run(network, new SquaredError(), input, [0, 1, 2]),
                ]
        )
            Assert.Contains("'two inputs' has 3 outputs", Assert.Throws<ArgumentException>(use).Message);
    }

    // An image and a vector; classes, and values of the middle, which is read further and leaves twice.
    private static Network Create()
    {
        var builder = new NetworkBuilder();
        Node image = builder.Input(6, 6, 2).Convolution(3, 3).Relu();
        Node vector = builder.Input(1, 1, 3).Dense(5).Tanh();
        Node middle = image.Dense(7).Concatenate(vector).Dense(4);
        Node classes = middle.Tanh().Dense(256).Relu().Concatenate(vector).Dense(256).Dense(5);
        return builder.Build([classes, middle, middle], 21, "two inputs");
    }

    private static void AssertOneByOne(Network network)
    {
        using var backend = new ManagedBackend();
        using CompiledNetwork compiled = network.Compile(backend, BatchSize, Phase.Inference);
        Tensor[] inputs = Inputs(compiled);
        compiled.Forward(inputs);
        double[][] expected = NetworkCases.OneByOne(network, backend, inputs);
        for (int i = 0; i < network.Outputs.Count; i++)
            Comparison.Close(
                expected[network.Outputs[i]],
                TensorValues.Read(compiled.Outputs[i]),
                new Tolerance(1e-6, 0),
                $"output {i}"
            );
    }

    // The loss writes the outputs' gradients, too.
    private static void AssertGradients(CompiledNetwork compiled, Func<double> loss)
    {
        Tensor[] inputs = Inputs(compiled);
        double LossAt()
        {
            compiled.Forward(inputs);
            return loss();
        }
        // Differences come first: dropout draws a new mask after each backward pass.
        double step = Tolerance.DifferenceStep;
        double[][] numeric =
        [
            .. compiled.Parameters.Select(slot =>
                Enumerable
                    .Range(0, Math.Min(slot.Value.Count, 30))
                    .Select(i =>
                    {
                        double original = slot.Value.AsSpan<double>()[i];
                        slot.Value.AsSpan<double>()[i] = original + step;
                        double above = LossAt();
                        slot.Value.AsSpan<double>()[i] = original - step;
                        double below = LossAt();
                        slot.Value.AsSpan<double>()[i] = original;
                        return (above - below) / (2 * step);
                    })
                    .ToArray()
            ),
        ];
        compiled.ZeroGradients();
        LossAt();
        compiled.Backward();
        foreach ((ParameterSlot slot, double[] expected) in compiled.Parameters.Zip(numeric))
        {
            double[] gradient = TensorValues.Read(slot.Gradient!)[..expected.Length];
            Comparison.Close(expected, gradient, Tolerance.OfDifferences, slot.Parameter.Name);
        }
    }

    private static double[][] Train(Backend backend, bool keepsGradients)
    {
        using Network network = Create();
        using (backend)
        using (
            CompiledNetwork compiled = network.Compile(
                backend,
                BatchSize,
                Phase.Training,
                new Sgd { LearningRate = 1e-4f, Momentum = 0.9f },
                keepsGradients
            )
        )
        {
            Assert.Equal(keepsGradients ? 0 : 1, compiled.Parameters.Count(slot => slot.Gradient is null));
            Tensor[] inputs = Inputs(compiled);
            for (int i = 0; i < 4; i++)
            {
                compiled.ZeroGradients();
                compiled.Forward(inputs);
                // Half the squared sum of what leaves.
                for (int k = 0; k < compiled.Outputs.Count; k++)
                    compiled.Outputs[k].CopyTo(compiled.OutputGradients[k]);
                compiled.Backward();
                compiled.Update();
            }
        }
        return NetworkCases.Values(network);
    }

    private static Tensor[] Inputs(CompiledNetwork compiled) =>
        [
            .. compiled.Network.InputShapes.Select(
                (shape, i) =>
                    TensorValues.Tensor(
                        shape.WithBatchSize(BatchSize),
                        compiled.Backend.ElementType,
                        TensorValues.Read(NetworkCases.Input(compiled.Network, BatchSize, 3, i))
                    )
            ),
        ];

    private static Tensor Random(Shape shape, ulong seed)
    {
        var tensor = new Tensor(shape, ElementType.Float64);
        var random = new RandomStream(seed);
        foreach (ref double value in tensor.AsSpan<double>())
            value = random.NextGaussian();
        return tensor;
    }
}

using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;
using MaxPooling = NativeCnn.Layers.MaxPooling;
using SoftmaxCrossEntropy = NativeCnn.Losses.SoftmaxCrossEntropy;

namespace NativeCnn.Tests.Training;

/// <summary>The gradient checker finds what is wrong, kinks or not, and passes what is right.</summary>
public sealed class GradientCheckTests
{
    private const int BatchSize = 4;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Ordinary_networks_with_kinks_everywhere_pass_on_both_backends(int seed)
    {
        using Network network = Kinked((ulong)seed);
        using Tensor input = SparseInput(network, (ulong)seed);
        int[] labels = NetworkCases.Labels(network, BatchSize, (ulong)seed);
        double[][] before = NetworkCases.Values(network);
        using var native = new NativeBackend(2);
        foreach (Backend? backend in (Backend?[])[null, native])
        {
            GradientCheckResult result = GradientCheck.Run(
                network,
                new SoftmaxCrossEntropy(),
                input,
                labels,
                backend: backend
            );
            Assert.True(result.IsRight, $"{backend?.Name}: {result}");
            Assert.Equal(network.Parameters.Sum(p => Math.Min(p.Shape.Count, 50)), result.Checked + result.LeftOut);
        }
        Assert.Equal(before, NetworkCases.Values(network));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_wrong_gradient_is_found_with_kinks_and_without(bool isKinked)
    {
        using Network network = WithScale(isKinked);
        using Tensor input = isKinked ? SparseInput(network, 1) : NetworkCases.Input(network, BatchSize, 1);
        int[] labels = NetworkCases.Labels(network, BatchSize, 1);
        foreach (ElementType type in (ElementType[])[ElementType.Float64, ElementType.Float32])
        {
            GradientCheckResult right = Check(network, input, labels, type, 2);
            Assert.True(right.IsRight, $"{right}");
            GradientCheckResult wrong = Check(network, input, labels, type, 2.2);
            Assert.False(wrong.IsRight, $"{wrong}");
            // Behind the wrong layer all is right.
            Assert.True(wrong.Parameters[^1].WorstRelativeError <= wrong.Tolerance, $"{wrong}");
            Assert.Equal("convolution1.weight", wrong.Parameters[0].Parameter);
            Assert.InRange(wrong.Parameters[0].WorstRelativeError, 0.05, 0.2);
            Assert.True(wrong.Parameters[0].Checked > wrong.Parameters[0].LeftOut, $"{wrong}");
            Assert.Contains("wrong is 'convolution1.", $"{wrong}", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_gradient_that_is_not_a_number_is_wrong()
    {
        using Network network = WithScale(isKinked: false);
        using Tensor input = NetworkCases.Input(network, BatchSize, 1);
        int[] labels = NetworkCases.Labels(network, BatchSize, 1);
        GradientCheckResult wrong = Check(network, input, labels, ElementType.Float64, double.NaN);
        Assert.False(wrong.IsRight);
        Assert.True(double.IsNaN(wrong.WorstRelativeError));
    }

    [Fact]
    public void A_gradient_at_a_kink_may_be_that_of_one_side()
    {
        // One weight w at 0 and relu(2w), whose slopes are 0 and 2; ReLU's own derivative at 0 is 0, the left side's.
        using Network network = Units(inputs: 1);
        network.Parameters[0].Value.Clear();
        using Tensor input = TensorValues.Tensor(network.InputShape, ElementType.Float32, 1);
        GradientCheckResult result = Check(network, input, [0], ElementType.Float64, 2);
        Assert.Equal((1, 0), (result.Parameters[0].Checked, result.Parameters[0].LeftOut));
        Assert.True(result.IsRight, $"{result}");
        Assert.Equal(0, result.Parameters[0].Numeric, 1e-9);
    }

    [Fact]
    public void Where_kinks_of_both_sides_meet_an_element_is_left_out_and_counted()
    {
        // At w = (0, 1) the first two examples have kinks in the first weight, one to each side.
        using Network network = Units(inputs: 2);
        TensorValues.Write([0, 1], network.Parameters[0].Value);
        Shape shape = network.InputShape.WithBatchSize(3);
        using Tensor input = TensorValues.Tensor(shape, ElementType.Float32, 1, 0, -0.5, 0, 0.5, 2);
        GradientCheckResult result = Check(network, input, [0, 0, 1], ElementType.Float64, 2);
        Assert.Equal((1, 1), (result.Parameters[0].Checked, result.Parameters[0].LeftOut));
        Assert.True(result.IsRight, $"{result}");
        Assert.Equal((3, 1), (result.Checked, result.LeftOut));
        // Without the second weight there is nothing left to judge by.
        using Network single = Units(inputs: 1);
        single.Parameters[0].Value.Clear();
        using Tensor both = TensorValues.Tensor(single.InputShape.WithBatchSize(2), ElementType.Float32, 1, -0.5);
        result = Check(single, both, [0, 0], ElementType.Float64, 2);
        Assert.False(result.IsRight, $"{result}");
        Assert.Contains(
            "nothing is known of 'dense1.weight': 1 of its 1 elements lie on kinks",
            $"{result}",
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Where_most_points_are_left_out_the_check_says_so_and_does_not_pass()
    {
        using Network network = NetworkBuilder
            .Start(1, 1, 6)
            .Dense(5)
            .Add(new ScaleLayer { IsRough = true })
            .Dense(3)
            .Build(1);
        using Tensor input = NetworkCases.Input(network, BatchSize, 1);
        int[] labels = NetworkCases.Labels(network, BatchSize, 1);
        GradientCheckResult result = Check(network, input, labels, ElementType.Float64, 2);
        Assert.False(result.IsRight, $"{result}");
        Assert.True(result.Parameters[0].LeftOut > result.Parameters[0].Checked, $"{result}");
        Assert.False(result.Parameters[0].IsConclusive);
        Assert.True(result.Parameters[^1].IsConclusive, $"{result}");
    }

    [Fact]
    public void Impossible_numbers_are_refused_by_name()
    {
        using Network network = NetworkBuilder.Start(1, 1, 2).Dense(2).Build();
        using Tensor input = new(network.InputShape);
        var loss = new SoftmaxCrossEntropy();
        foreach (double step in (double[])[0, -1, double.NaN, double.PositiveInfinity])
            Assert.Throws<ArgumentOutOfRangeException>(
                "step",
                () => GradientCheck.Run(network, loss, input, [0], step: step)
            );
        Assert.Throws<ArgumentOutOfRangeException>(
            "elements",
            () => GradientCheck.Run(network, loss, input, [0], elements: 0)
        );
        var e = Assert.Throws<ShapeException>(() => GradientCheck.Run(network, loss, input, [0, 1]));
        Assert.Equal("There are 2 targets for a batch of 1 examples.", e.Message);
    }

    // Borders of zeros, biases of 0 behind patches of zeros, ties in windows that overlap.
    private static Network Kinked(ulong seed) =>
        NetworkBuilder
            .Start(9, 9, 1)
            .Convolution(4, 3, padding: Padding.Same(3))
            .Relu()
            .Add(new MaxPooling(3, 2) { Padding = Padding.All(1) })
            .Convolution(6, 1)
            .Relu()
            .Convolution(5, 3, padding: Padding.Same(3))
            .Relu()
            .MaxPooling(3, 1)
            .Dense(8)
            .Relu()
            .Dense(5)
            .Build(seed, "kinked");

    private static Network WithScale(bool isKinked)
    {
        Node x = NetworkBuilder.Start(9, 9, 1).Convolution(4, 3, padding: Padding.Same(3));
        x = isKinked ? x.Relu().MaxPooling(3, 2) : x.Tanh().AveragePooling(3, 2);
        x = x.Add(new ScaleLayer()).Convolution(6, 1);
        return (isKinked ? x.Relu() : x.Tanh()).Dense(5).Build(3, "scaled");
    }

    // Outputs c · relu(2 w·x).
    private static Network Units(int inputs) =>
        NetworkBuilder
            .Start(1, 1, inputs)
            .Add(new Dense(1) { Bias = false })
            .Add(new ScaleLayer())
            .Relu()
            .Add(new Dense(2) { Bias = false })
            .Build();

    // Mostly zeros, as pictures of digits are.
    private static Tensor SparseInput(Network network, ulong seed)
    {
        Tensor input = NetworkCases.Input(network, BatchSize, seed);
        foreach (ref float value in input.Span)
            value = Math.Abs(value) < 1 ? 0 : value;
        return input;
    }

    private static GradientCheckResult Check(
        Network network,
        Tensor input,
        int[] labels,
        ElementType type,
        double slope
    )
    {
        using Backend backend = ScaleLayer.CreateBackend(type, slope);
        using Backend wide = ScaleLayer.CreateBackend(ElementType.Float64, slope);
        return GradientCheck.Run(
            network,
            new SoftmaxCrossEntropy(),
            input,
            labels,
            backend: backend,
            differences: wide
        );
    }

    /// <summary>y = 2x, whose backward pass multiplies by what the backend takes for the slope.</summary>
    private sealed class ScaleLayer : Layer
    {
        /// <summary>Whether y has a stair of 1e-7 everywhere.</summary>
        public bool IsRough { get; init; }

        public override string Kind => "test-scale";

        public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];

        public override void Forward(LayerContext context) =>
            context.Call(
                IsRough ? new Stairs(context.Input.Shape) : new Scale(context.Input.Shape),
                context.Input,
                context.Output
            );

        public override void Backward(LayerContext context)
        {
            if (context.InputGradient() is { } inputGradient)
                context.Call(new ScaleBackward(context.Input.Shape), context.OutputGradient, inputGradient);
        }

        public static CompositeBackend CreateBackend(ElementType type, double slope) =>
            new CompositeBackend(
                new OwnBackend(type)
                    .With<Scale>(operands => Map(operands, x => 2 * x))
                    .With<Stairs>(operands => Map(operands, x => 2 * Math.Round(x / 1e-6) * 1e-6))
                    .With<ScaleBackward>(operands => Map(operands, x => slope * x)),
                new ManagedBackend(type)
            );

        private static void Map(ReadOnlySpan<Tensor?> operands, Func<double, double> f) =>
            TensorValues.Write([.. TensorValues.Read(operands[0]!).Select(f)], operands[1]!);

        private sealed class Scale(Shape shape)
            : Operation("forward", 1, [Operand.Read("input", shape), Operand.Overwritten("output", shape)]);

        private sealed class Stairs(Shape shape)
            : Operation("forward", 1, [Operand.Read("input", shape), Operand.Overwritten("output", shape)]);

        private sealed class ScaleBackward(Shape shape)
            : Operation("backward-data", 1, [Operand.Read("input", shape), Operand.Overwritten("output", shape)]);
    }
}

using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Threading;
using SquaredError = NativeCnn.Losses.SquaredError;

namespace NativeCnn.Tests.Networks;

/// <summary>
/// The diagonal of second derivatives through whole networks: against squared Jacobians, exact Hessians, unrolled
/// convolutions and the recursion as the paper writes it.
/// </summary>
public sealed class SecondDerivativePassTests : INetworkRows
{
    private const int Batch = 3;

    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["second derivatives as in 1989"] = () =>
                NetworkBuilder
                    .Start(8, 8, 1)
                    .Add(
                        new Convolution(4, 3)
                        {
                            Stride = 2,
                            Padding = Padding.Same(3),
                            HasBiasPerUnit = true,
                        }
                    )
                    .ScaledTanh()
                    .Add(
                        new Convolution(3, 3)
                        {
                            Stride = 2,
                            Padding = Padding.All(1),
                            HasBiasPerUnit = true,
                            Table = new([
                                [0, 1],
                                [1, 2, 3],
                                [3],
                            ]),
                        }
                    )
                    .ScaledTanh()
                    .Dense(6)
                    .ScaledTanh()
                    .Dense(5)
                    .ScaledTanh()
                    .Build(41),
            ["second derivatives as in LeNet-5"] = () =>
                NetworkBuilder
                    .Start(12, 12, 1)
                    .Convolution(3, 3)
                    .ScaledTanh()
                    .Subsampling(2)
                    .ScaledTanh()
                    .Add(new Convolution(3, 2) { Table = ConnectionTable.AllPairs(3), IsRotated = true })
                    .ScaledTanh()
                    .Subsampling(2)
                    .ScaledTanh()
                    .Dense(7)
                    .ScaledTanh()
                    .Add(new RadialBasis(5) { IsNegated = true })
                    .Build(42),
            ["what else has second derivatives"] = () =>
                NetworkBuilder
                    .Start(7, 7, 2)
                    .Add(new BorderPadding(BorderKind.Reflection, Padding.All(1)))
                    .Convolution(4, 3)
                    .Softplus(2)
                    .Add(new LearnedGain())
                    .Add(new Skipping(new Size2(1, 2)))
                    .Add(new AveragePooling(2, 1))
                    .Absolute()
                    .Dense(5)
                    .Build(43),
        };

    public static TheoryData<string> Names => NetworkCases.Names;

    /// <summary>Those of which a Jacobian takes no minutes.</summary>
    public static TheoryData<string> SmallNames =>
        [
            .. ((IEnumerable<object[]>)Names)
                .Select(row => (string)row[0])
                .Where(name => NetworkCases.Create(name).ParameterCount < 5000),
        ];

    /// <summary>Layers that refuse: nobody's network of 1989 or 1998 has them.</summary>
    private static readonly HashSet<string> Refusing =
    [
        "adaptive-average-pooling",
        "average-pooling",
        "average-unpooling",
        "batch-norm",
        "brightness-norm",
        "divisive-norm",
        "dropout",
        "group-norm",
        "l2-pooling",
        "local-response-norm",
        "map-combination",
        "prelu",
        "softmax",
        "spatial-dropout",
        "subtractive-norm",
        "transposed-convolution",
    ];

    [Theory]
    [MemberData(nameof(SmallNames))]
    public void They_are_what_squared_Jacobians_of_the_layers_propagate_or_a_layer_is_named(string name)
    {
        using Network network = NetworkCases.Create(name);
        using var backend = new ManagedBackend(ElementType.Float64);
        using Tensor input = NetworkCases.Input(network, Batch, 1);
        double[][] found;
        try
        {
            found = Found(network, backend, new SquaredError(), input);
        }
        catch (NotSupportedException e)
        {
            Layer named = network
                .Nodes.Select(node => node.Layer)
                .Single(layer => e.Message.Contains($"'{layer.Name}' ({layer.Kind})", StringComparison.Ordinal));
            Assert.Contains(named.Kind, Refusing);
            Assert.Contains(
                "has no second derivatives: train it with --optimizer sgd",
                e.Message,
                StringComparison.Ordinal
            );
            return;
        }
        double[][] expected = SquaredJacobians.Propagate(network, TensorValues.Read(input), Batch);
        for (int p = 0; p < expected.Length; p++)
        {
            // A slope of 1e-8 is off by 1e-11 in a difference.
            double largest = expected[p].Max();
            Comparison.Close(expected[p], found[p], new Tolerance(1e-15 + 1e-7 * largest, 1e-6), $"parameter {p}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Native_follows_managed_and_gives_the_same_bits_on_any_number_of_threads(string name)
    {
        using Network network = NetworkCases.Create(name);
        using Tensor input = NetworkCases.Input(network, Batch, 1);
        using var managed = new ManagedBackend();
        double[][] expected;
        try
        {
            expected = Found(network, managed, new NativeCnn.Losses.SoftmaxCrossEntropy(), input);
        }
        catch (NotSupportedException)
        {
            return;
        }
        double[][][] found =
        [
            .. ((int[])[1, 2, 3]).Select(threads =>
            {
                using var native = new NativeBackend(threads);
                return Found(network, native, new NativeCnn.Losses.SoftmaxCrossEntropy(), input);
            }),
        ];
        for (int p = 0; p < expected.Length; p++)
        {
            var tolerance = new Tolerance(1e-5 * expected[p].Max(), 1e-5);
            Comparison.Close(expected[p], found[0][p], tolerance, $"parameter {p}");
            Assert.Equal(found[0][p], found[1][p]);
            Assert.Equal(found[0][p], found[2][p]);
        }
    }

    [Theory]
    [InlineData("second derivatives as in 1989")]
    [InlineData("second derivatives as in LeNet-5")]
    [InlineData("what else has second derivatives")]
    [InlineData("lenet in small")]
    [InlineData("every activation")]
    public void These_have_them_and_the_pass_allocates_nothing(string name)
    {
        using Network network = NetworkCases.Create(name);
        using Tensor input = NetworkCases.Input(network, Batch, 1);
        using var backend = new NativeBackend(2);
        using CompiledNetwork compiled = Compile(network, backend, Batch);
        Kernel loss = backend.Prepare(new SquaredErrorSecondDerivatives(compiled.Output.Shape, 0.5));
        Tensor[] operands = [compiled.Output, compiled.OutputGradient];
        double[] scalars = [Batch];
        void Passes()
        {
            compiled.ZeroGradients();
            compiled.Forward(input);
            loss.Run(operands, scalars);
            compiled.Backward();
        }
        Passes();
        Passes();
        Assert.Equal(0, AllocationMeter.Measure(Passes, backend.Pool));
    }

    // Two linear layers, each weight used once per example: the diagonal recursion leaves nothing out.
    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Of_linear_dense_layers_and_squared_error_they_are_the_exact_Hessians_diagonal(double factor)
    {
        const double Step = 1e-3;
        var loss = new SquaredError(factor);
        using Network network = NetworkBuilder.Start(1, 1, 5).Dense(4).Dense(3).Build(44);
        using var backend = new ManagedBackend(ElementType.Float64);
        using Tensor single = NetworkCases.Input(network, Batch, 1);
        double[][] found = Found(network, backend, loss, single);
        using CompiledNetwork compiled = network.Compile(backend, Batch, Phase.Training);
        using Tensor input = TensorValues.Tensor(single.Shape, ElementType.Float64, TensorValues.Read(single));
        using PreparedLoss prepared = loss.Prepare(backend, compiled.Output.Shape);
        double Gradient(int parameter, int element)
        {
            compiled.ZeroGradients();
            compiled.Forward(input);
            prepared.Evaluate(compiled.Output, Targets.Classes([0, 1, 2]), 1, compiled.OutputGradient);
            compiled.Backward();
            return TensorValues.Read(compiled.Parameters[parameter].Gradient!)[element];
        }
        for (int p = 0; p < found.Length; p++)
        for (int k = 0; k < found[p].Length; k++)
        {
            Span<double> values = compiled.Parameters[p].Value.AsSpan<double>();
            double value = values[k];
            values[k] = value + Step;
            double above = Gradient(p, k);
            compiled.Parameters[p].Value.AsSpan<double>()[k] = value - Step;
            double below = Gradient(p, k);
            compiled.Parameters[p].Value.AsSpan<double>()[k] = value;
            double expected = (above - below) / (2 * Step);
            Comparison.Close(expected, found[p][k], new Tolerance(1e-11, 1e-9), $"parameter {p}, element {k}");
        }
    }

    // h(a) = f'(a)² h(y), h(x_j) = Σ_i w_ij² h(a_i), h(w_ij) = h(a_i) x_j², in scalars.
    [Fact]
    public void They_are_the_papers_recursion()
    {
        const int Inputs = 4;
        const int Hidden = 3;
        const int Outputs = 2;
        using Network network = NetworkBuilder
            .Start(1, 1, Inputs)
            .Dense(Hidden)
            .ScaledTanh()
            .Dense(Outputs)
            .Logistic()
            .Build(45);
        using var backend = new ManagedBackend(ElementType.Float64);
        using Tensor input = NetworkCases.Input(network, 1, 1);
        double[] x = TensorValues.Read(input);
        double[][] w = NetworkCases.Values(network);
        (double a, double b) = (1.7159f, 2f / 3f);
        var y = new double[Hidden];
        var slope = new double[Hidden];
        for (int i = 0; i < Hidden; i++)
        {
            double sum = w[1][i];
            for (int j = 0; j < Inputs; j++)
                sum += w[0][i * Inputs + j] * x[j];
            double tanh = Math.Tanh(b * sum);
            (y[i], slope[i]) = (a * tanh, a * b * (1 - tanh * tanh));
        }
        var hy = new double[Hidden];
        double[][] expected =
        [
            new double[Hidden * Inputs],
            new double[Hidden],
            new double[Outputs * Hidden],
            new double[Outputs],
        ];
        for (int o = 0; o < Outputs; o++)
        {
            double sum = w[3][o];
            for (int i = 0; i < Hidden; i++)
                sum += w[2][o * Hidden + i] * y[i];
            double p = 1 / (1 + Math.Exp(-sum));
            // Of Σ (y − t)² it is 2.
            double ha = p * (1 - p) * p * (1 - p) * 2;
            expected[3][o] = ha;
            for (int i = 0; i < Hidden; i++)
            {
                expected[2][o * Hidden + i] = ha * y[i] * y[i];
                hy[i] += w[2][o * Hidden + i] * w[2][o * Hidden + i] * ha;
            }
        }
        for (int i = 0; i < Hidden; i++)
        {
            double ha = slope[i] * slope[i] * hy[i];
            expected[1][i] = ha;
            for (int j = 0; j < Inputs; j++)
                expected[0][i * Inputs + j] = ha * x[j] * x[j];
        }
        double[][] found = Found(network, backend, new SquaredError(1), input);
        for (int p = 0; p < expected.Length; p++)
            Comparison.Close(expected[p], found[p], new Tolerance(0, 1e-12), $"parameter {p}");
    }

    // Each weight of the dense layer stands for one use of a filter's weight, each of its biases for one of a map's.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_a_filter_they_are_the_sum_over_the_weights_of_the_unrolled_layer(bool isRotated)
    {
        (int height, int width, int channels, int filters, int stride, int pad) = (5, 4, 2, 3, 2, 1);
        var (kernelHeight, kernelWidth) = (3, 2);
        var convolution = new Convolution(filters, new Size2(kernelHeight, kernelWidth))
        {
            Stride = stride,
            Padding = Padding.All(pad),
            IsRotated = isRotated,
        };
        using Network shared = NetworkBuilder.Start(height, width, channels).Add(convolution).Tanh().Dense(3).Build(46);
        Shape maps = shared.Nodes[0].OutputShape;
        using Network unrolled = NetworkBuilder
            .Start(height, width, channels)
            .Dense(maps.ElementsPerExample)
            .Tanh()
            .Dense(3)
            .Build(47);
        int inputs = height * width * channels;
        // Of each weight of the dense layer the filter's weight, or −1.
        int[] uses = new int[maps.ElementsPerExample * inputs];
        Array.Fill(uses, -1);
        for (int y = 0; y < maps.Height; y++)
        for (int x = 0; x < maps.Width; x++)
        for (int o = 0; o < filters; o++)
        for (int i = 0; i < kernelHeight; i++)
        for (int j = 0; j < kernelWidth; j++)
        for (int c = 0; c < channels; c++)
        {
            (int row, int column) = (y * stride + i - pad, x * stride + j - pad);
            if (row < 0 || row >= height || column < 0 || column >= width)
                continue;
            (int tapRow, int tapColumn) = isRotated ? (kernelHeight - 1 - i, kernelWidth - 1 - j) : (i, j);
            int unit = (y * maps.Width + x) * filters + o;
            uses[unit * inputs + (row * width + column) * channels + c] =
                ((o * kernelHeight + tapRow) * kernelWidth + tapColumn) * channels + c;
        }
        double[][] values = NetworkCases.Values(shared);
        double[] biases = [.. Enumerable.Range(0, maps.ElementsPerExample).Select(unit => values[1][unit % filters])];
        TensorValues.Write([.. uses.Select(k => k < 0 ? 0 : values[0][k])], unrolled.Parameters[0].Value);
        TensorValues.Write(biases, unrolled.Parameters[1].Value);
        TensorValues.Write(values[2], unrolled.Parameters[2].Value);
        TensorValues.Write(values[3], unrolled.Parameters[3].Value);
        using var backend = new ManagedBackend(ElementType.Float64);
        using Tensor input = NetworkCases.Input(shared, Batch, 1);
        double[][] found = Found(shared, backend, new SquaredError(), input);
        double[][] apart = Found(unrolled, backend, new SquaredError(), input);
        var weights = new double[values[0].Length];
        var sums = new double[filters];
        for (int k = 0; k < uses.Length; k++)
        {
            if (uses[k] >= 0)
                weights[uses[k]] += apart[0][k];
        }
        for (int unit = 0; unit < biases.Length; unit++)
            sums[unit % filters] += apart[1][unit];
        Comparison.Close(weights, found[0], new Tolerance(0, 1e-12), "filters");
        Comparison.Close(sums, found[1], new Tolerance(0, 1e-12), "biases");
        Comparison.Close(apart[2], found[2], new Tolerance(0, 1e-12), "weights behind");
    }

    // Of every trained parameter, summed over the examples.
    private static double[][] Found(Network network, Backend backend, Loss loss, Tensor single)
    {
        int batch = single.Shape.BatchSize;
        using CompiledNetwork compiled = Compile(network, backend, batch);
        using Tensor input = TensorValues.Tensor(single.Shape, backend.ElementType, TensorValues.Read(single));
        compiled.ZeroGradients();
        compiled.Forward(input);
        backend
            .Prepare(loss.DeclareSecondDerivatives(compiled.Output.Shape))
            .Run([compiled.Output, compiled.OutputGradient], [batch]);
        compiled.Backward();
        return [.. compiled.Parameters.Select(slot => slot.Gradient).OfType<Tensor>().Select(TensorValues.Read)];
    }

    private static CompiledNetwork Compile(Network network, Backend backend, int batch) =>
        network.Compile(backend, batch, Phase.Training, order: BackwardOrder.SecondDerivatives);
}

using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;

namespace NativeCnn.Tests.Layers;

/// <summary>Turned kernels, biases per unit and connection tables: by identities, in files, in training.</summary>
public sealed class ConvolutionOptionsTests : INetworkRows
{
    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["true convolution"] = () =>
                NetworkBuilder
                    .Start(7, 6, 2)
                    .Add(new Convolution(4, new Size2(3, 2)) { IsRotated = true, Stride = new Size2(2, 1) })
                    .Tanh()
                    .Add(
                        new Convolution(6, 3)
                        {
                            IsRotated = true,
                            Groups = 2,
                            Bias = false,
                            Padding = Padding.Same(3),
                        }
                    )
                    .Dense(5)
                    .Build(32),
            ["a bias per unit"] = () =>
                NetworkBuilder
                    .Start(8, 7, 1)
                    .Add(new Convolution(4, 3) { HasBiasPerUnit = true, Stride = 2 })
                    .ScaledTanh()
                    .Add(new Convolution(3, 2) { HasBiasPerUnit = true })
                    .Dense(5)
                    .Build(33),
            ["connection tables"] = () =>
                NetworkBuilder
                    .Start(6, 6, 3)
                    .Add(new Convolution(3, 3) { Table = ConnectionTable.AllPairs(3) })
                    .Tanh()
                    .Add(
                        new Convolution(2, 2)
                        {
                            Table = new([
                                [2, 0],
                                [1],
                            ]),
                            IsRotated = true,
                            HasBiasPerUnit = true,
                        }
                    )
                    .Dense(5)
                    .Build(34),
        };

    [Fact]
    public void Convolution_is_the_correlation_with_the_kernel_turned()
    {
        Network Turned(bool isRotated) =>
            NetworkBuilder.Start(7, 8, 3).Add(new Convolution(4, new Size2(3, 2)) { IsRotated = isRotated }).Build(3);
        using Network convolution = Turned(true);
        using Network correlation = Turned(false);
        Span<float> w = convolution.Parameters[0].Value.Span;
        Span<float> v = correlation.Parameters[0].Value.Span;
        for (int o = 0; o < 4; o++)
        for (int t = 0; t < 6; t++)
            w.Slice((o * 6 + t) * 3, 3).CopyTo(v.Slice((o * 6 + 5 - t) * 3, 3));
        Assert.Equal(Outputs(correlation), Outputs(convolution));
    }

    [Fact]
    public void A_table_of_every_pair_is_the_full_convolution_bit_for_bit()
    {
        Network With(ConnectionTable? table) =>
            NetworkBuilder.Start(9, 9, 5).Add(new Convolution(7, 3) { Table = table }).Relu().Dense(5).Build(4);
        using Network full = With(null);
        using Network every = With(ConnectionTable.Full(5, 7));
        full.Parameters[0].Value.CopyTo(every.Parameters[0].Value);
        Assert.Equal(Outputs(full), Outputs(every));
        Train(full, new Sgd { LearningRate = 0.1f, Momentum = 0.9f }, []);
        Train(every, new Sgd { LearningRate = 0.1f, Momentum = 0.9f }, []);
        Assert.Equal(NetworkCases.Values(full), NetworkCases.Values(every));
    }

    [Fact]
    public void With_equal_biases_one_per_unit_is_one_per_map()
    {
        Network With(bool isPerUnit) =>
            NetworkBuilder.Start(5, 6, 2).Add(new Convolution(3, 2) { HasBiasPerUnit = isPerUnit }).Relu().Build(5);
        using Network perMap = With(false);
        using Network perUnit = With(true);
        Assert.Equal(new Shape(1, 4, 5, 3), perUnit.Parameters[1].Shape);
        Assert.True(perUnit.Parameters[1].IsBias);
        TensorValues.Write([0.5, -1, 2], perMap.Parameters[1].Value);
        TensorValues.Write(
            [.. Enumerable.Repeat<double[]>([0.5, -1, 2], 20).SelectMany(b => b)],
            perUnit.Parameters[1].Value
        );
        Comparison.Close(Outputs(perMap), Outputs(perUnit), new Tolerance(1e-6, 0), "outputs");
    }

    public static TheoryData<string> Optimizers => ["sgd", "nesterov", "adam", "adamw"];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Weights_outside_the_table_stay_zero(string name)
    {
        Optimizer optimizer = name switch
        {
            "sgd" => new Sgd { LearningRate = 0.1f, WeightDecay = 0.1f },
            "nesterov" => new Sgd
            {
                LearningRate = 0.1f,
                Momentum = 0.9f,
                IsNesterov = true,
                WeightDecay = 0.1f,
            },
            "adam" => new Adam { WeightDecay = 0.1f },
            _ => new Adam { WeightDecay = 0.1f, IsDecoupled = true },
        };
        using Network network = NetworkBuilder
            .Start(8, 8, 6)
            .Add(new Convolution(16, 3) { Table = ConnectionTable.LeNet5C3 })
            .Tanh()
            .Dense(5)
            .Build(6);
        Parameter weight = network.Parameters[0];
        double[] before = TensorValues.Read(weight.Value);
        Train(
            network,
            optimizer,
            [new NativeCnn.Losses.WeightPenalty(NativeCnn.Backends.Operations.WeightPenaltyKind.L1, 0.01)]
        );
        double[] after = TensorValues.Read(weight.Value);
        for (int k = 0; k < after.Length; k++)
        {
            bool isConnected = ConnectionTable.LeNet5C3.InputsOf(k / 54).Contains(k % 6);
            Assert.Equal(isConnected, before[k] != 0);
            Assert.Equal(isConnected, after[k] != before[k]);
        }
    }

    /// <summary>The variance of each map's weights follows the inputs that it has in the table.</summary>
    [Fact]
    public void The_fan_in_counts_the_inputs_of_the_table()
    {
        ConnectionTable table = new([
            [0],
            [.. Enumerable.Range(0, 64)],
        ]);
        using Network network = NetworkBuilder
            .Start(20, 20, 64)
            .Add(new Convolution(2, 20) { Table = table, Initializer = Initializer.LeCunUniform })
            .Build(7);
        double[] w = TensorValues.Read(network.Parameters[0].Value);
        Assert.InRange(w.Take(w.Length / 2).Max(), 0.9 * Math.Sqrt(3 / 400.0), Math.Sqrt(3 / 400.0));
        Assert.InRange(w.Skip(w.Length / 2).Max(), 0.9 * Math.Sqrt(3 / 25600.0), Math.Sqrt(3 / 25600.0));
    }

    [Fact]
    public void The_makers_have_their_rows()
    {
        ConnectionTable pairs = ConnectionTable.AllPairs(4);
        Assert.Equal((6, 12), (pairs.Outputs, pairs.Connections));
        Assert.Equal(
            [
                [0, 1],
                [0, 2],
                [0, 3],
                [1, 2],
                [1, 3],
                [2, 3],
            ],
            Enumerable.Range(0, 6).Select(pairs.InputsOf)
        );
        ConnectionTable triplets = ConnectionTable.AllTriplets(4);
        Assert.Equal(
            [
                [0, 1, 2],
                [0, 1, 3],
                [0, 2, 3],
                [1, 2, 3],
            ],
            Enumerable.Range(0, 4).Select(triplets.InputsOf)
        );
        // 1,516 parameters: 25 of each connection, and 16 biases.
        Assert.Equal(1516, 25 * ConnectionTable.LeNet5C3.Connections + ConnectionTable.LeNet5C3.Outputs);
        for (int i = 0; i < 6; i++)
            Assert.Equal(10, Enumerable.Range(0, 16).Count(o => ConnectionTable.LeNet5C3.InputsOf(o).Contains(i)));
    }

    [Fact]
    public void Impossible_tables_are_refused_by_row()
    {
        static string Message(params int[][] rows) =>
            Assert.ThrowsAny<ArgumentException>(() => new ConnectionTable(rows)).Message;
        Assert.Contains("got none", Message(), StringComparison.Ordinal);
        Assert.Contains("Row 1 of the connection table is empty", Message([0], []), StringComparison.Ordinal);
        Assert.Contains("Row 0 of the connection table names input map -1", Message([1, -1]), StringComparison.Ordinal);
        Assert.Contains(
            "Row 1 of the connection table names input map 2 twice",
            Message([0], [2, 1, 2]),
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => ConnectionTable.AllTriplets(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConnectionTable.AllTriplets(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConnectionTable.Full(int.MaxValue, int.MaxValue));
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_layers_name()
    {
        static void Refused(Convolution layer, string rule)
        {
            var e = Assert.Throws<ShapeException>(() => NetworkBuilder.Start(5, 5, 4).Add(layer, "c3"));
            Assert.Contains("'c3' (convolution)", e.Message, StringComparison.Ordinal);
            Assert.Contains(rule, e.Message, StringComparison.Ordinal);
        }
        Refused(new Convolution(16, 3) { Table = ConnectionTable.LeNet5C3 }, "names input map 4; there are 4");
        Refused(new Convolution(15, 3) { Table = ConnectionTable.LeNet5C3 }, "16 rows");
        Refused(new Convolution(2, 3) { Table = ConnectionTable.Full(4, 2), Groups = 2 }, "1 group");
        Refused(new Convolution(2, 3) { HasBiasPerUnit = true, Bias = false }, "bias per unit");
    }

    [Fact]
    public void Files_hold_the_options_and_name_what_is_wrong()
    {
        var layer = new Convolution(2, 3)
        {
            HasBiasPerUnit = true,
            IsRotated = true,
            Table = new([
                [2, 0],
                [1],
            ]),
        };
        const string Options = "\"bias_per_unit\":true,\"rotated\":true,\"table\":[[0,2],[1]]";
        string text = OptionsText.Of(layer);
        Assert.EndsWith($",\"bias\":true,{Options}}}", text, StringComparison.Ordinal);
        Assert.Equal(text, OptionsText.Of(Read(text)));
        void Refused(string options, string message)
        {
            string other = text.Replace(Options, options, StringComparison.Ordinal);
            Assert.Contains(
                message,
                Assert.ThrowsAny<FormatException>(() => Read(other)).Message,
                StringComparison.Ordinal
            );
        }
        Refused("\"rotated\":1", "'rotated' must be true or false");
        Refused("\"bias_per_unit\":null", "'bias_per_unit' must be true or false");
        Refused("\"table\":3", "'table' must be an array of arrays of whole numbers, but is 3");
        Refused("\"table\":[[0,2],1]", "'table[1]' must be an array of whole numbers, but is 1");
        Refused("\"table\":[[0,0.5],[1]]", "'table[0][1]' must be a whole number, but is 0.5");
        Refused("\"table\":[[0,2],[]]", "'table' is no connection table: Row 1 of the connection table is empty");
    }

    private static double[] Outputs(Network network)
    {
        using Tensor input = NetworkCases.Input(network, 2, 8);
        using var backend = new NativeBackend(2);
        using CompiledNetwork compiled = network.Compile(backend, 2, Phase.Inference);
        compiled.Forward(input);
        double[] native = TensorValues.Read(compiled.Output);
        using var managed = new ManagedBackend();
        using CompiledNetwork specified = network.Compile(managed, 2, Phase.Inference);
        specified.Forward(input);
        Comparison.Close(TensorValues.Read(specified.Output), native, new Tolerance(1e-5, 0), "native");
        return native;
    }

    private static void Train(Network network, Optimizer optimizer, Penalty[] penalties)
    {
        using Tensor input = NetworkCases.Input(network, 4, 9);
        int[] labels = NetworkCases.Labels(network, 4, 9);
        using var backend = new NativeBackend(2);
        using var step = new TrainingStep(network, backend, 4, new SoftmaxCrossEntropy(), optimizer, penalties);
        for (int i = 0; i < 5; i++)
            step.Run(input, Targets.Classes(labels));
    }

    private static Layer Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return LayerRegistry.Read("convolution", document.RootElement);
    }
}

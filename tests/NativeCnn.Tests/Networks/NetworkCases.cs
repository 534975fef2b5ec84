using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Networks;

/// <summary>Tests with rows for <see cref="NetworkCases"/>.</summary>
public interface INetworkRows
{
    /// <summary>The rows by their names.</summary>
    static abstract Dictionary<string, Func<Network>> Networks { get; }
}

/// <summary>
/// The registry of networks: small ones that together have every layer, every way of sharing memory and every kind of
/// joint. A row gives a network all tests of <see cref="NetworkContractTests"/>.
/// </summary>
internal static class NetworkCases
{
    private static readonly Dictionary<string, Func<Network>> Builders = new()
    {
        ["lenet in small"] = () =>
            NetworkBuilder
                .Start(12, 12, 1)
                .Convolution(4, 3)
                .MaxPooling(2)
                .Convolution(6, 3)
                .MaxPooling(2)
                .Dense(7)
                .Relu()
                .Dense(5)
                .Build(2),
        ["every activation"] = () =>
            NetworkBuilder
                .Start(6, 6, 2)
                .Convolution(3, 3, padding: Padding.All(1))
                .Tanh()
                .Convolution(4, 3)
                .ScaledTanh()
                .AveragePooling(2)
                .Logistic(1.5f)
                .Dense(6)
                .Logistic()
                .Dense(5)
                .Build(3),
        ["activations that nothing fuses"] = () =>
            NetworkBuilder.Start(6, 6, 2).Tanh().MaxPooling(2).Relu().Flatten().Tanh().ScaledTanh().Dense(5).Build(4),
        ["activations of every slope"] = () =>
            NetworkBuilder
                .Start(6, 6, 2)
                .Convolution(3, 3, padding: Padding.All(1))
                .LeakyRelu(0.1f)
                .Convolution(4, 3)
                .SmoothAbsolute(3)
                .Convolution(4, 1)
                .Elu()
                .Convolution(4, 1)
                .Absolute()
                .LeakyRelu(-0.5f)
                .Elu(-0.5f)
                .Gain(1.5f)
                .Dense(6)
                .Gain(-0.5f)
                .Softplus(2)
                .Dense(6)
                .Softplus(-4)
                .Dense(5)
                .Build(16),
        ["strides, groups, dilation, borders"] = () =>
            NetworkBuilder
                .Start(9, 8, 4)
                .Convolution(6, new Size2(3, 2), new Size2(2, 1), Padding.Same(new Size2(3, 2)), groups: 2)
                .Add(
                    new Convolution(6, 3)
                    {
                        Dilation = 2,
                        Padding = new Padding(2, 1, 3, 2),
                        Groups = 6,
                        Bias = false,
                    }
                )
                .Relu()
                .Convolution(5, 1)
                .MaxPooling(3, 2)
                .Dense(5)
                .Build(5),
        ["dropout"] = () =>
            NetworkBuilder
                .Start(5, 5, 1)
                .Dropout(0.2f)
                .Convolution(3, 3)
                .Relu()
                .Dropout()
                .Dense(8)
                .Tanh()
                .Dropout(0.3f)
                .Dense(5)
                .Build(6),
        ["flatten first"] = () => NetworkBuilder.Start(4, 4, 2).Flatten().Dense(6).Relu().Dense(5).Build(7),
        ["softmax in the middle"] = () => NetworkBuilder.Start(3, 3, 2).Dense(6).Softmax().Dense(5).Build(8),
        ["residual"] = Residual,
        ["residual, the shortcut a projection"] = Projection,
        ["one value read four times"] = FanOut,
        ["joined channels"] = Joined,
        ["average pooling that counts its border"] = () =>
            NetworkBuilder
                .Start(7, 7, 2)
                .Convolution(3, 3)
                .Add(new AveragePooling(3, 2) { Padding = Padding.All(1), CountPadding = true })
                .Dense(5)
                .Build(9),
        // So many weights that the optimiser's step is taken where their gradient is computed.
        ["a large dense layer"] = () => NetworkBuilder.Start(8, 8, 4).Dense(256).Tanh().Dense(5).Build(14),
    };

    // Rows that stand beside a layer's other tests.
    static NetworkCases()
    {
        foreach (Type type in typeof(NetworkCases).Assembly.GetTypes().Where(type => type.IsClass))
        {
            if (!type.IsAssignableTo(typeof(INetworkRows)))
                continue;
            var rows = (Dictionary<string, Func<Network>>)type.GetProperty("Networks")!.GetValue(null)!;
            foreach ((string name, Func<Network> create) in rows)
                Builders.Add(name, create);
        }
    }

    public static TheoryData<string> Names => [.. Builders.Keys];

    public static Network Create(string name) => Builders[name]();

    /// <summary>The layers that the networks consist of.</summary>
    public static IEnumerable<Type> LayerTypes =>
        Builders.Values.SelectMany(create => create().Nodes).Select(node => node.Layer.GetType());

    /// <summary>A batch of inputs for a network, from a seed.</summary>
    public static Tensor Input(Network network, int batch, ulong seed, int input = 0)
    {
        var tensor = new Tensor(network.InputShapes[input].WithBatchSize(batch));
        var random = new RandomStream(seed, 2 * (ulong)input);
        foreach (ref float value in tensor.Span)
            value = (float)random.NextGaussian();
        return tensor;
    }

    /// <summary>A label for each example of a batch.</summary>
    public static int[] Labels(Network network, int batch, ulong seed)
    {
        var random = new RandomStream(seed, 1);
        int[] labels = new int[batch];
        for (int i = 0; i < batch; i++)
            labels[i] = random.NextInt(network.OutputShape.ElementsPerExample);
        return labels;
    }

    /// <summary>The values of all parameters.</summary>
    public static double[][] Values(Network network) => [.. network.Parameters.Select(p => TensorValues.Read(p.Value))];

    /// <summary>
    /// The output of every layer at inference, each run as a network of its own: what sharing memory and fusing must
    /// not change.
    /// </summary>
    public static double[][] OneByOne(Network network, Backend backend, params Tensor[] inputs)
    {
        var outputs = new List<Tensor>();
        foreach ((Layer layer, IReadOnlyList<int> reads, Shape shape) in network.Nodes)
        {
            Tensor[] sources = [.. reads.Select(i => i >= 0 ? outputs[i] : inputs[NetworkNode.NetworkInput - i])];
            int[] places = [.. Enumerable.Range(0, sources.Length).Select(i => NetworkNode.NetworkInput - i)];
            var alone = new Network(
                layer.Name,
                [.. sources.Select(source => source.Shape.WithBatchSize(1))],
                [new NetworkNode(layer, places, shape)],
                [0]
            );
            CompiledNetwork compiled = alone.Compile(backend, inputs[0].Shape.BatchSize, Phase.Inference);
            compiled.Forward(sources);
            outputs.Add(compiled.Output);
        }
        return [.. outputs.Select(TensorValues.Read)];
    }

    private static Network Residual()
    {
        Node start = NetworkBuilder.Start(6, 6, 3).Convolution(4, 3, padding: Padding.All(1)).Relu();
        Node branch = start
            .Convolution(4, 3, padding: Padding.All(1))
            .Relu()
            .Convolution(4, 3, padding: Padding.All(1));
        return branch.Plus(start).Relu().Dense(5).Build(10);
    }

    private static Network Projection()
    {
        Node start = NetworkBuilder.Start(6, 6, 3).Convolution(4, 3).Tanh();
        Node branch = start.Convolution(6, 3, 2, Padding.All(1)).Relu().Convolution(6, 1);
        return branch.Plus(start.Convolution(6, 1, 2)).Relu().AveragePooling(2).Dense(5).Build(15);
    }

    private static Network FanOut()
    {
        Node source = NetworkBuilder.Start(4, 4, 2).Convolution(3, 3).Tanh();
        (Node relu, Node flat, Node doubled) = (source.Relu(), source.Flatten(), source.Plus(source));
        return flat.Plus(relu.Plus(doubled).Flatten()).Dense(5).Build(11);
    }

    // Branches as in GoogLeNet, one of them twice, and the network's input, which wants no gradient.
    private static Network Joined()
    {
        Node input = NetworkBuilder.Start(6, 6, 2);
        Node narrow = input.Convolution(3, 1).Relu();
        Node wide = input.Convolution(2, 1).Tanh().Convolution(4, 3, padding: Padding.All(1)).Relu();
        Node pooled = narrow.Add(new MaxPooling(3, 1) { Padding = Padding.All(1) });
        return narrow.Concatenate(wide, pooled, input, narrow).Convolution(4, 3).Relu().Dense(5).Build(13);
    }
}

using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Networks;

/// <summary>
/// The registry of networks: small ones that together have every layer, every way of sharing memory and every kind of
/// joint. A row gives a network all tests of <see cref="NetworkContractTests"/>.
/// </summary>
internal static class NetworkCases
{
    private static readonly Dictionary<string, Func<Network>> Builders = new()
    {
        ["lenet in small"] = () =>
            new NetworkBuilder(12, 12, 1)
                .Convolution(4, 3)
                .MaxPooling(2)
                .Convolution(6, 3)
                .MaxPooling(2)
                .Dense(7)
                .Relu()
                .Dense(5)
                .Build(2),
        ["every activation"] = () =>
            new NetworkBuilder(6, 6, 2)
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
            new NetworkBuilder(6, 6, 2).Tanh().MaxPooling(2).Relu().Flatten().Tanh().ScaledTanh().Dense(5).Build(4),
        ["strides, groups, dilation, borders"] = () =>
            new NetworkBuilder(9, 8, 4)
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
            new NetworkBuilder(5, 5, 1)
                .Dropout(0.2f)
                .Convolution(3, 3)
                .Relu()
                .Dropout()
                .Dense(8)
                .Tanh()
                .Dropout(0.3f)
                .Dense(5)
                .Build(6),
        ["flatten first"] = () => new NetworkBuilder(4, 4, 2).Flatten().Dense(6).Relu().Dense(5).Build(7),
        ["softmax in the middle"] = () => new NetworkBuilder(3, 3, 2).Dense(6).Softmax().Dense(5).Build(8),
        ["residual"] = Residual,
        ["one value read four times"] = FanOut,
        ["average pooling that counts its border"] = () =>
            new NetworkBuilder(7, 7, 2)
                .Convolution(3, 3)
                .Add(new AveragePooling(3, 2) { Padding = Padding.All(1), CountPadding = true })
                .Dense(5)
                .Build(9),
        ["local response normalisation"] = () =>
            new NetworkBuilder(6, 6, 2)
                .LocalResponseNorm(2, 0.5f)
                .Convolution(8, 3)
                .Tanh()
                .LocalResponseNorm(5, 1, 0.75f, 2)
                .MaxPooling(2)
                .LocalResponseNorm(3, 2, 0.6f, 0.5f)
                .Dense(5)
                .Build(12),
    };

    public static TheoryData<string> Names => [.. Builders.Keys];

    public static Network Create(string name) => Builders[name]();

    /// <summary>A batch of inputs for a network, from a seed.</summary>
    public static Tensor Input(Network network, int batch, ulong seed)
    {
        var input = new Tensor(network.InputShape.WithBatch(batch));
        var random = new RandomStream(seed);
        foreach (ref float value in input.Span)
            value = (float)random.NextGaussian();
        return input;
    }

    /// <summary>A label for each example of a batch.</summary>
    public static int[] Labels(Network network, int batch, ulong seed)
    {
        var random = new RandomStream(seed, 1);
        int[] labels = new int[batch];
        for (int i = 0; i < batch; i++)
            labels[i] = random.NextInt(network.OutputShape.ExampleCount);
        return labels;
    }

    private static Network Residual()
    {
        NetworkBuilder builder = new NetworkBuilder(6, 6, 3).Convolution(4, 3, padding: Padding.All(1));
        int start = builder.Relu().Last;
        builder.Convolution(4, 3, padding: Padding.All(1)).Relu().Convolution(4, 3, padding: Padding.All(1));
        return builder.Add(new Addition(), [builder.Last, start]).Relu().Dense(5).Build(10);
    }

    private static Network FanOut()
    {
        NetworkBuilder builder = new NetworkBuilder(4, 4, 2).Convolution(3, 3).Tanh();
        int source = builder.Last;
        int relu = builder.Add(new PointwiseActivation(Activation.Relu), [source]).Last;
        int flat = builder.Add(new Flatten(), [source]).Last;
        int doubled = builder.Add(new Addition(), [source, source]).Last;
        int sum = builder.Add(new Addition(), [relu, doubled]).Flatten().Last;
        return builder.Add(new Addition(), [flat, sum]).Dense(5).Build(11);
    }
}

using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;

namespace NativeCnn.Fuzz.Targets;

/// <summary>Small networks with every kind of layer.</summary>
internal static class Examples
{
    public static IReadOnlyList<Func<Network>> Networks { get; } =
    [Plain, Joined, EveryActivation, TwoInputs, Resized, OtherConvolutions, Combined];

    private static Network Plain() =>
        NetworkBuilder
            .Start(8, 8, 1)
            .Convolution(4, 3, padding: Padding.All(1))
            .Relu()
            .MaxPooling(2)
            .Flatten()
            .Dense(3)
            .Build();

    private static Network Joined()
    {
        Node x = NetworkBuilder.Start(6, 5, 4);
        return x.Convolution(4, 3, padding: Padding.Same(3), groups: 2)
            .Add(new LocalResponseNorm(3))
            .Plus(x)
            .Concatenate(x, x)
            .Add(new AveragePooling(2, 1) { CountPadding = true, Padding = new Padding(1, 0, 0, 1) })
            .Add(
                new Convolution(6, new Size2(1, 2))
                {
                    Stride = 2,
                    Dilation = new Size2(1, 2),
                    Bias = false,
                }
            )
            .Dropout(0.25f)
            .Dense(4)
            .Softmax()
            .Build();
    }

    private static Network EveryActivation() =>
        NetworkBuilder.Start(1, 1, 3).Dense(2).Tanh().ScaledTanh().Logistic(2).Relu().Dense(2).Build();

    private static Network TwoInputs()
    {
        var builder = new NetworkBuilder();
        Node a = builder.Input(4, 4, 2);
        Node b = builder.Input(4, 4, 2);
        Node sum = a.Plus(b).Relu();
        return builder.Build([sum.Dense(2), sum.MaxPooling(2)]);
    }

    private static Network Resized() =>
        NetworkBuilder
            .Start(6, 6, 2)
            .Pad(BorderKind.Reflection, Padding.All(1))
            .Pad(BorderKind.Replication, new Padding(0, 1, 2, 1))
            .Pad(BorderKind.Zeros, new Padding(1, 0, 1, 0))
            .Add(new MaxPooling(3, 2) { CeilMode = true })
            .NearestUpSampling(2)
            .L2Pooling(3, 1)
            .ZeroInsertion(2)
            .Skipping(new Size2(1, 2))
            .Subsampling(2)
            .AverageUnpooling(2)
            .AdaptiveMaxPooling(5)
            .AdaptiveAveragePooling(3)
            .GlobalMaxPooling()
            .Dense(2)
            .Build();

    private static Network OtherConvolutions() =>
        NetworkBuilder
            .Start(5, 4, 3)
            .Add(
                new Convolution(2, 3)
                {
                    HasBiasPerUnit = true,
                    IsRotated = true,
                    Table = new([
                        [0, 2],
                        [1],
                    ]),
                }
            )
            .TransposedConvolution(3, 2, 2, Padding.All(1), 1)
            .Build();

    private static Network Combined() =>
        NetworkBuilder.Start(4, 3, 2).MapCombination(3, 2).Tanh().RadialBasis(4).Build();
}

using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>Group and layer normalisation: their rows, values worked out by hand, and what is refused.</summary>
public sealed class GroupNormTests : IOperationRows, INetworkRows
{
    // One group, a group per channel, vectors, groups that end within a vector, and more examples than partial sums.
    public static IEnumerable<OperationCase> Rows =>
        from sizes in ((Shape Shape, int Groups)[])
            [
                (new(2, 1, 1, 2), 1),
                (new(2, 3, 2, 6), 3),
                (new(3, 4, 3, 5), 5),
                (new(5, 1, 1, 48), 1),
                (new(3, 2, 3, 70), 2),
                (new(70, 3, 3, 40), 4),
                (new(3, 32, 32, 16), 4),
            ]
        let details = $"{sizes.Shape} in {sizes.Groups}"
        let forward = new GroupNormForward(sizes.Groups, 1e-2f, sizes.Shape, isTraining: true)
        let inverse = Fillers.Between(0.5f, 2)
        from row in (OperationCase[])
            [
                new(forward, details),
                new(new GroupNormForward(sizes.Groups, 1e-2f, sizes.Shape, isTraining: false), $"{details}, inference"),
                new(new GroupNormBackward(sizes.Groups, sizes.Shape), details)
                {
                    ["inverseDeviation"] = inverse,
                    DerivativeOf = new(forward, ""),
                },
                new(new GroupNormBackward(sizes.Groups, sizes.Shape, wantsInputGradient: false), $"{details}, first")
                {
                    ["inverseDeviation"] = inverse,
                    DerivativeOf = new(forward, ""),
                },
            ]
        select row;

    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["group and layer normalisation"] = () =>
                NetworkBuilder.Start(6, 6, 2).LayerNorm().Convolution(6, 3).GroupNorm(3).Tanh().Dense(5).Build(14),
        };

    [Theory, EveryBackend]
    public void Each_group_of_each_example_has_a_mean_and_a_variance_of_its_own(string backend)
    {
        // Groups 1, 2 and 6, 10; then 0, 0 and −1, 1.
        double[] y = Compute(
            backend,
            new GroupNormForward(2, 1, new Shape(2, 1, 1, 4), isTraining: false),
            [1, 2, 6, 10, 0, 0, -1, 1],
            [1, 1, 1, 2],
            [0, 1, 0, 0]
        )[0];
        double a = 0.5 / Math.Sqrt(1.25);
        double b = 2 / Math.Sqrt(5);
        double c = 1 / Math.Sqrt(2);
        Comparison.Close([-a, 1 + a, -b, 2 * b, 0, 1, -c, 2 * c], y, Tolerance.OfSum(4), "output");
    }

    [Fact]
    public void Groups_that_do_not_divide_the_channels_are_refused_by_the_layers_name()
    {
        var e = Assert.Throws<ShapeException>(() => NetworkBuilder.Start(2, 2, 6).GroupNorm(4));
        Assert.Contains(
            "(group-norm): Group normalisation: 4 groups do not divide",
            e.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(0, 1e-5f)]
    [InlineData(-1, 1e-5f)]
    [InlineData(2, 0)]
    [InlineData(2, float.NaN)]
    public void Impossible_constants_are_refused(int groups, float epsilon)
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => new GroupNorm(groups, epsilon));
        Assert.Contains("got ", e.Message, StringComparison.Ordinal);
    }
}

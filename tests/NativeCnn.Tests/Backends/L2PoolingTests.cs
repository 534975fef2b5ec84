using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class L2PoolingTests : IOperationRows, INetworkRows
{
    public static IEnumerable<OperationCase> Rows =>
        from geometry in MaxPoolingTests.Geometries
        from countPadding in (bool[])[false, true]
        let g = AveragePoolingTests.CountingPadding(geometry, countPadding)
        let details = $"{g}, padding {(countPadding ? "" : "not ")}counted"
        let forward = new OperationCase(new L2PoolingForward(g), details) { ["input"] = Fillers.AwayFromZero }
        // The output that the input has.
        let backward = new OperationCase(new L2PoolingBackward(g), details)
        {
            ["input"] = Fillers.AwayFromZero,
            ["output"] = Fillers.Between(0.3f, 1),
            DerivativeOf = forward,
        }
        from row in (OperationCase[])[forward, backward]
        select row;

    public static Dictionary<string, Func<Network>> Networks =>
        new()
        {
            ["L2 pooling that overlaps, counts its border and rounds up"] = () =>
                NetworkBuilder
                    .Start(8, 7, 2)
                    .Convolution(3, 3)
                    .Add(
                        new L2Pooling(3, 2)
                        {
                            Padding = Padding.All(1),
                            CountPadding = true,
                            CeilMode = true,
                        }
                    )
                    .Tanh()
                    .L2Pooling(2)
                    .Dense(5)
                    .Build(81),
        };

    [Theory, EveryBackend]
    public void The_root_of_the_mean_square(string backend) =>
        Assert.Equal(
            [5, 13],
            Compute(backend, new L2PoolingForward(new(new(1, 2, 4, 1), 2)), [1, -7, 13, -13, 5, 5, 13, 13])[0]
        );

    [Theory, EveryBackend]
    public void The_gradient_of_zeros_is_zero(string backend)
    {
        L2PoolingBackward backward = new(new(new(1, 1, 4, 1), new(1, 2)));
        // The second window is (3, 4) with the root √12.5.
        double root = (float)Math.Sqrt(12.5);
        double[] gradient = Compute(backend, backward, [0, 0, 3, 4], [0, root], [10, root])[0];
        Assert.Equal([0, 0, 1.5, 2], gradient);
    }

    /// <summary>Squares are summed in float64: they neither overflow nor vanish.</summary>
    [Theory, EveryBackend]
    public void Values_whose_squares_float32_does_not_have(string backend)
    {
        double[] image = [(float)3e30, (float)3e30, (float)1e-30, (float)1e-30];
        double[] root = Compute(backend, new L2PoolingForward(new(new(1, 1, 4, 1), new(1, 2))), image)[0];
        Assert.Equal(image[0], root[0], 1e24);
        Assert.Equal(image[2], root[1], 1e-36);
    }

    [Theory, EveryBackend]
    public void NaN_and_infinity_propagate(string backend)
    {
        double[] image = [double.NaN, 1, double.NegativeInfinity, 1];
        Assert.Equal(
            [double.NaN, double.PositiveInfinity],
            Compute(backend, new L2PoolingForward(new(new(1, 1, 4, 1), new(1, 2))), image)[0]
        );
    }
}

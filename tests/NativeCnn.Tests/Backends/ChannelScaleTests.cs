using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>PReLU and learned gains, which are one operation.</summary>
public sealed class ChannelScaleTests : IOperationRows, INetworkRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])[.. OperationCases.PointWiseShapes, new(2, 3, 3, 17), new(2, 1, 1, 3000)]
        from isShared in (bool[])[false, true]
        from keepsPositive in (bool[])[false, true]
        let details = $"{shape}{(isShared ? ", shared" : "")}{(keepsPositive ? ", PReLU" : "")}"
        let forward = new ChannelScaleForward(shape, isShared, keepsPositive)
        from row in (OperationCase[])
            [
                new(forward, details),
                new(new ChannelScaleBackward(shape, isShared, keepsPositive, wantsInputGradient: true), details)
                {
                    DerivativeOf = new(forward, details) { ["input"] = Fillers.AwayFromZero },
                },
                new(
                    new ChannelScaleBackward(shape, isShared, keepsPositive, wantsInputGradient: false),
                    $"{details}, factors alone"
                ),
            ]
        select row;

    public static Dictionary<string, Func<Network>> Networks =>
        new()
        {
            ["PReLU, and gains"] = () =>
                NetworkBuilder
                    .Start(5, 5, 2)
                    .PRelu()
                    .Convolution(4, 3)
                    .PRelu()
                    .Tanh()
                    .LearnedGain()
                    .Dense(7)
                    .PRelu(isShared: true, initialSlope: -0.5f)
                    .Dense(5)
                    .Build(21),
        };

    [Theory, EveryBackend]
    public void Each_channel_has_its_slope_of_any_sign(string backend)
    {
        Shape shape = new(2, 1, 2, 2);
        double[] x = [-1, -2, 3, 4, 0, -6, -7, double.NaN];
        double[] y = Compute(backend, new ChannelScaleForward(shape, false, true), x, [10, -0.5])[0];
        Assert.Equal([-10, 1, 3, 4, 0, 3, -70, double.NaN], y);

        x[7] = 8;
        double[] dy = [1, 2, 3, 4, 5, 6, 7, 8];
        double[][] gradients = Compute(
            backend,
            new ChannelScaleBackward(shape, false, true, true),
            x,
            [10, -0.5],
            dy,
            [100, 200]
        );
        Assert.Equal([10, -1, 3, 4, 50, -3, 70, 8], gradients[0]);
        Assert.Equal([100 - 1 - 49, 200 - 4 - 36], gradients[1]);
    }

    [Theory, EveryBackend]
    public void A_shared_slopes_gradient_is_the_sum_over_all_channels(string backend)
    {
        double[] da = Compute(
            backend,
            new ChannelScaleBackward(new(1, 1, 2, 2), isShared: true, keepsPositive: false, wantsInputGradient: false),
            [1, 2, 3, 4],
            [7],
            [1, 10, 100, 1000],
            [5]
        )[0];
        Assert.Equal([5 + 4321], da);
    }

    /// <summary>Values of one sign, which no random signs keep small: sums in parts, on every level.</summary>
    [Fact]
    public void A_million_terms_of_one_sign_are_some_units_off()
    {
        Shape shape = new(4, 500, 500, 2);
        double[] x = Fillers.Between(-1, 0).Draw(new Random(1), shape.Count);
        double[] dy = Fillers.Between(0, 1).Draw(new Random(2), shape.Count);
        double[] sums = new double[2];
        for (int k = 0; k < dy.Length; k++)
            sums[k % 2] += x[k] * dy[k];
        double[] each = Compute("native", new ChannelScaleBackward(shape, false, true, false), x, [1, 1], dy, [0, 0])[
            0
        ];
        double[] all = Compute("native", new ChannelScaleBackward(shape, true, true, false), x, [1], dy, [0])[0];
        Comparison.Close(sums, each, new Tolerance(0, 24 * Tolerance.Rounding), "per channel");
        Comparison.Close([sums[0] + sums[1]], all, new Tolerance(0, 24 * Tolerance.Rounding), "shared");
    }

    [Fact]
    public void A_slope_that_is_not_finite_is_refused()
    {
        foreach (float slope in (float[])[float.NaN, float.NegativeInfinity])
        {
            var e = Assert.Throws<ArgumentOutOfRangeException>(() => new PRelu { InitialSlope = slope });
            Assert.StartsWith("PReLU's slope is finite; got ", e.Message, StringComparison.Ordinal);
        }
    }
}

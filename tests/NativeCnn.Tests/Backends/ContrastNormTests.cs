using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>Subtractive and divisive normalisation: their rows, values worked out by hand, and what they refuse.</summary>
public sealed class ContrastNormTests : IOperationRows, INetworkRows
{
    // One pixel, windows larger than the image, a rest of a vector in width and in channels, a row, a column.
    private static readonly (Shape Shape, GaussianWindow Window)[] Sizes =
    [
        (new(2, 1, 1, 3), new(5, 1)),
        (new(2, 4, 3, 1), new(9, 2)),
        (new(2, 6, 5, 4), new(3, 0.75f)),
        (new(1, 1, 19, 2), new(5, 1.5f)),
        (new(1, 11, 1, 17), new(7, 40)),
        (new(2, 12, 21, 3), new(1, 1)),
        (new(5, 24, 37, 9), new(9, 2.25f)),
    ];

    public static IEnumerable<OperationCase> Rows => Subtractive.Concat(Divisive);

    private static IEnumerable<OperationCase> Subtractive =>
        from sizes in Sizes
        let details = $"{sizes.Shape}, {sizes.Window.Size}, sigma {sizes.Window.Sigma:g}"
        let forward = new SubtractiveNormForward(sizes.Window, sizes.Shape)
        from row in (OperationCase[])
            [
                new(forward, details),
                new(new SubtractiveNormBackward(sizes.Window, sizes.Shape), details)
                {
                    DerivativeOf = new(forward, ""),
                },
            ]
        select row;

    private static IEnumerable<OperationCase> Divisive =>
        from sizes in Sizes
        from constant in (float[])[0, 0.5f]
        let details = $"{sizes.Shape}, {sizes.Window.Size}, sigma {sizes.Window.Sigma:g}, constant {constant:g}"
        let forward = new DivisiveNormForward(sizes.Window, constant, sizes.Shape, isTraining: true)
        let inference = new DivisiveNormForward(sizes.Window, constant, sizes.Shape, isTraining: false)
        from row in (OperationCase[])
            [
                new(forward, details) { ["input"] = Fillers.AwayFromZero },
                new(inference, $"{details}, inference") { ["input"] = Fillers.AwayFromZero },
                new(new DivisiveNormBackward(sizes.Window, constant, sizes.Shape), details)
                {
                    ["deviation"] = Fillers.Between(0.25f, 1),
                    DerivativeOf = new(forward, "") { ["input"] = Fillers.AwayFromZero },
                },
            ]
        select row;

    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["contrast normalisation"] = () =>
                NetworkBuilder
                    .Start(7, 6, 2)
                    .SubtractiveNorm(3, 1)
                    .DivisiveNorm(3, 1)
                    .Convolution(4, 3)
                    .Tanh()
                    .SubtractiveNorm(5, 2)
                    .DivisiveNorm(5, 2, 0.125f)
                    .Dense(5)
                    .Build(15),
        };

    /// <summary>Two maps of one row; weights of the distances 0 and 1 are 1 and ½.</summary>
    [Theory, EveryBackend]
    public void The_mean_is_over_the_window_and_all_maps_and_a_border_shortens_the_window(string backend)
    {
        double[] v = Compute(backend, new SubtractiveNormForward(Half, Row), [1, 3, 2, 4, 6, 8])[0];
        // Sums over the maps: 4, 6, 14. Means: (4 + 3) / 1.5 / 2, (2 + 6 + 7) / 2 / 2, (3 + 14) / 1.5 / 2.
        double[] means = [7 / 3.0, 7 / 3.0, 15 / 4.0, 15 / 4.0, 17 / 3.0, 17 / 3.0];
        double[] x = [1, 3, 2, 4, 6, 8];
        Comparison.Close([.. x.Zip(means, (a, b) => a - b)], v, new Tolerance(1e-5, 0), "output");
    }

    [Theory, EveryBackend]
    public void The_larger_of_a_deviation_and_their_mean_divides(string backend)
    {
        double[] x = [1, 1, 0, 0, 3, 1];
        double[][] written = Compute(backend, new DivisiveNormForward(Half, 0, Row, isTraining: true), x);
        // Squares over the maps: 2, 0, 10. Mean squares: 2 / 1.5 / 2, (1 + 5) / 2 / 2, 10 / 1.5 / 2.
        double[] s = [Math.Sqrt(2 / 3.0), Math.Sqrt(1.5), Math.Sqrt(10 / 3.0)];
        Comparison.Close(s, written[1], new Tolerance(1e-6, 0), "deviation");
        double c = s.Average();
        Assert.True(s[0] < c && s[1] < c && s[2] > c);
        Comparison.Close([1 / c, 1 / c, 0, 0, 3 / s[2], 1 / s[2]], written[0], new Tolerance(1e-6, 0), "output");
        double[] fixedC = Compute(backend, new DivisiveNormForward(Half, 4, Row, isTraining: false), x)[0];
        Comparison.Close([0.25, 0.25, 0, 0, 0.75, 0.25], fixedC, new Tolerance(1e-6, 0), "output with a constant");
    }

    [Theory, EveryBackend]
    public void A_constant_image_becomes_zeros_and_zeros_stay_zeros(string backend)
    {
        Shape shape = new(1, 9, 12, 2);
        GaussianWindow window = new(5, 1);
        double[] constant = [.. Enumerable.Repeat(3.0, shape.Count)];
        double[] zeros = new double[shape.Count];
        double[] v = Compute(backend, new SubtractiveNormForward(window, shape), constant)[0];
        Comparison.Close(zeros, v, new Tolerance(1e-5, 0), "output");
        double[][] written = Compute(backend, new DivisiveNormForward(window, 0, shape, isTraining: true), zeros);
        Assert.All(written[0], value => Assert.Equal(0, value));
        double[] gradient = Compute(backend, new DivisiveNormBackward(window, 0, shape), zeros, written[1], constant)[
            0
        ];
        Assert.All(gradient, value => Assert.Equal(0, value));
    }

    [Theory, EveryBackend]
    public void A_NaN_spoils_the_windows_that_hold_it(string backend)
    {
        Shape shape = new(1, 1, 40, 1);
        double[] x = [.. Enumerable.Range(0, 40).Select(k => k == 20 ? double.NaN : k)];
        double[] v = Compute(backend, new SubtractiveNormForward(new GaussianWindow(5, 1), shape), x)[0];
        for (int k = 0; k < v.Length; k++)
            Assert.Equal(Math.Abs(k - 20) <= 2, double.IsNaN(v[k]));
        double[] y = Compute(backend, new DivisiveNormForward(new GaussianWindow(5, 1), 0, shape, false), x)[0];
        Assert.All(y, value => Assert.True(double.IsNaN(value)));
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(-3, 1, 0)]
    [InlineData(4, 1, 0)]
    [InlineData(129, 1, 0)]
    [InlineData(9, 0, 0)]
    [InlineData(9, float.NaN, 0)]
    [InlineData(9, float.PositiveInfinity, 0)]
    [InlineData(9, 1, -1)]
    [InlineData(9, 1, float.NaN)]
    public void Impossible_constants_are_refused(int size, float sigma, float constant)
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => new DivisiveNorm(size, sigma, constant));
        Assert.Contains("got ", e.Message, StringComparison.Ordinal);
    }

    private static Shape Row => new(1, 1, 3, 2);

    // exp(−1 / 2σ²) = ½
    private static GaussianWindow Half => new(3, (float)Math.Sqrt(1 / (2 * Math.Log(2))));
}

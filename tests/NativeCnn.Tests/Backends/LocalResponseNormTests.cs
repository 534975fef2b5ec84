using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Layers;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Interop;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>Local response normalisation: its rows, values worked out by hand, and what it refuses.</summary>
public sealed class LocalResponseNormTests : IOperationRows, INetworkRows
{
    /// <summary>AlexNet's window, strong ones, even ones, one channel alone, more than there are, powers.</summary>
    private static readonly LocalResponseNormOptions[] Windows =
    [
        new(5, 5e-4f, 0.75f, 2),
        new(5, 2, 0.75f, 1),
        new(4, 1, 0.75f, 1),
        new(2, 3, 0.5f, 0.5f),
        new(1, 0.5f, 1.25f, 1),
        new(int.MaxValue, 1e9f, 0.75f, 1),
        new(3, 1, -0.5f, 1),
        // Longer than what is added up one by one, odd and even.
        new(67, 5, 0.75f, 1),
        new(90, 3, 0.6f, 2),
    ];

    // Fewer channels than a window or a vector, a rest, and enough pixels for several threads.
    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])
            [new(1, 1, 1, 1), new(2, 3, 2, 3), new(2, 1, 2, 9), new(2, 5, 7, 17), new(3, 14, 14, 96), new(1, 1, 3, 301)]
        from o in Windows
        let details = $"{shape}, size {o.Size}, alpha {o.Alpha:g}, beta {o.Beta:g}, k {o.K:g}"
        let values = Fillers.Between(-2, 2)
        let forward = new LocalResponseNormForward(o, shape, wantsScale: true)
        from row in (OperationCase[])
            [
                new(forward, details) { ["input"] = values },
                new(new LocalResponseNormForward(o, shape, wantsScale: false), $"{details}, no scale")
                {
                    ["input"] = values,
                },
                new(new LocalResponseNormBackward(o, shape), details)
                {
                    ["scale"] = Fillers.Between(1, 3),
                    DerivativeOf = new(forward, details),
                },
            ]
        select row;

    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["local response normalisation"] = () =>
                NetworkBuilder
                    .Start(6, 6, 2)
                    .Add(new LocalResponseNorm(2, 0.5f))
                    .Convolution(8, 3)
                    .Tanh()
                    .Add(new LocalResponseNorm(5, 1, 0.75f, 2))
                    .MaxPooling(2)
                    .Add(new LocalResponseNorm(3, 2, 0.6f, 0.5f))
                    .Dense(5)
                    .Build(12),
        };

    [Fact]
    public void Its_constants_lie_as_the_shim_has_them() =>
        StructLayoutTests.SameLayout<LocalResponseNormOptions, nativecnn_local_response_norm>();

    [Fact]
    public void AlexNet2012_normalises_with_the_constants_of_the_paper_before_it_pools()
    {
        using Network network = ModelCatalog.CreateWithoutValues("alexnet-2012", new Shape(1, 224, 224, 3), 1000);
        Layer[] layers = [.. network.Nodes.Select(node => node.Layer)];
        int[] places = [.. Enumerable.Range(0, layers.Length).Where(i => layers[i] is LocalResponseNorm)];
        Assert.Equal(2, places.Length);
        foreach (int place in places)
        {
            // b = a / (2 + 1e-4 Σ a²)^0.75 over 5 maps, the α of this layer being divided by 5.
            Assert.Equal(new LocalResponseNormOptions(5, 5e-4f, 0.75f, 2), ((LocalResponseNorm)layers[place]).Options);
            Assert.IsType<MaxPooling>(layers[place + 1]);
        }
        Assert.Equal([1, 2, 1, 2, 2], layers.OfType<Convolution>().Select(layer => layer.Groups));
    }

    [Theory, EveryBackend]
    public void Alpha_is_divided_by_the_size_and_the_ends_count_as_zero(string backend)
    {
        double[][] written = Normalize(backend, new(3, 3, 1, 1), 1, 2, -3, 4);
        Comparison.Close([1.0 / 6, 2.0 / 15, -3.0 / 30, 4.0 / 26], written[0], Tolerance.OfSum(4), "output");
        // 1 + (3/3)(…): 1 + 1 + 4, 1 + 1 + 4 + 9, 1 + 4 + 9 + 16, 1 + 9 + 16
        Assert.Equal([6, 15, 30, 26], written[1]);
    }

    [Theory, EveryBackend]
    public void A_window_of_even_size_has_the_larger_half_before_as_PyTorchs(string backend)
    {
        Assert.Equal([2, 6, 14], Normalize(backend, new(2, 2, 1, 1), 1, 2, 3)[1]);
        Assert.Equal([6, 15, 31, 30], Normalize(backend, new(4, 4, 1, 1), 1, 2, 3, 4)[1]);
    }

    /// <summary>Values of PyTorch's local_response_norm(x, 5, 1e-4, 0.75, 2) in float64.</summary>
    [Theory, EveryBackend]
    public void A_beta_of_three_quarters_as_PyTorchs(string backend)
    {
        double[] y = Normalize(backend, new(5, 1e-4f, 0.75f, 2), 100, -200, 300, -400, 500, -600)[0];
        double[] expected = [30.83678352, -42.04482076, 43.81912897, -42.29485054, 54.51224684, -70.42702030];
        Comparison.Close(expected, y, Tolerance.OfSum(5), "output");
    }

    /// <summary>No sum over a window is made by taking away what has left it.</summary>
    [Theory, EveryBackend]
    public void An_infinity_stays_in_the_windows_that_hold_it(string backend)
    {
        double[] x = [.. Enumerable.Range(0, 400).Select(c => c == 200 ? double.PositiveInfinity : 1)];
        double[] scale = Normalize(backend, new(101, 101, 0.75f, 1), x)[1];
        for (int c = 0; c < x.Length; c++)
        {
            double window = Math.Min(c, 50) + 1 + Math.Min(x.Length - 1 - c, 50);
            Assert.Equal(Math.Abs(c - 200) <= 50 ? double.PositiveInfinity : 1 + window, scale[c]);
        }
    }

    /// <summary>46,341 channels in windows of all of them: as many sums as their square is more than 2³¹.</summary>
    [Theory, EveryBackend]
    public void A_window_of_all_of_very_many_channels_takes_no_longer_than_a_short_one(string backend)
    {
        const int Channels = 46_341;
        // Each window is the whole: 1 + Σ 1. A time that grew with the window would be some minutes here.
        LocalResponseNormOptions options = new(2 * Channels, 2 * Channels, 0.75f, 1);
        Shape shape = new(20, 1, 1, Channels);
        double[] ones = [.. Enumerable.Repeat(1.0, 20 * Channels)];
        double[][] written = Compute(backend, new LocalResponseNormForward(options, shape, true), ones);
        Assert.All(written[1], s => Assert.Equal(1 + Channels, s));
        double y = Math.Pow(1 + Channels, -0.75);
        Comparison.Close([.. Enumerable.Repeat(y, ones.Length)], written[0], Tolerance.OfSum(4), "output");
        double[] dx = Compute(backend, new LocalResponseNormBackward(options, shape), ones, written[1], ones)[0];
        // dx = s^−β − 2 α β / size · C s^(−β − 1)
        double expected = y - 1.5 * Channels * y / (1 + Channels);
        Comparison.Close([.. Enumerable.Repeat(expected, ones.Length)], dx, Tolerance.OfSum(4), "input gradient");
    }

    [Theory]
    [InlineData(0, 1, 1, 1)]
    [InlineData(5, -1, 1, 1)]
    [InlineData(5, float.NaN, 1, 1)]
    [InlineData(5, 1, float.PositiveInfinity, 1)]
    [InlineData(5, 1, 1, 0)]
    [InlineData(5, 1, 1, float.NaN)]
    public void Impossible_constants_are_refused(int size, float alpha, float beta, float k)
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => new LocalResponseNormOptions(size, alpha, beta, k));
        Assert.Contains("got ", e.Message, StringComparison.Ordinal);
    }

    private static double[][] Normalize(string backend, LocalResponseNormOptions options, params double[] input) =>
        Compute(backend, new LocalResponseNormForward(options, Shape.Vector(1, input.Length), true), input);
}

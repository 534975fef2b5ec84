using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>Average and max pooling to a given size.</summary>
public sealed class AdaptivePoolingTests : IOperationRows, INetworkRows
{
    // Windows that tile, overlap, are the image, or are more than the pixels; primes; enough for several threads.
    private static readonly (Shape Input, Size2 Output)[] Sizes =
    [
        (new(1, 1, 1, 1), 1),
        (new(3, 6, 8, 3), new(3, 4)),
        (new(2, 7, 5, 17), 3),
        (new(2, 7, 11, 9), 1),
        (new(1, 3, 2, 5), new(7, 5)),
        (new(1, 13, 1, 8), new(5, 1)),
        (new(4, 31, 29, 20), new(6, 7)),
    ];

    public static IEnumerable<OperationCase> Rows =>
        from sizes in Sizes
        let details = $"{sizes.Input} to {sizes.Output}"
        let mean = new AdaptiveAveragePoolingForward(sizes.Input, sizes.Output)
        let maximum = new AdaptiveMaxPoolingForward(sizes.Input, sizes.Output, wantsArgmax: true)
        from row in (OperationCase[])
            [
                new(mean, details),
                new(new AdaptiveAveragePoolingBackward(sizes.Input, sizes.Output), details)
                {
                    DerivativeOf = new(mean, ""),
                },
                new(maximum, details),
                new(maximum, $"{details}, ties") { ["input"] = Fillers.Each(random => random.Next(-2, 3)) },
                new(
                    new AdaptiveMaxPoolingForward(sizes.Input, sizes.Output, wantsArgmax: false),
                    $"{details}, no argmax"
                ),
                new(new AdaptiveMaxPoolingBackward(sizes.Input, sizes.Output), details)
                {
                    ["argmax"] = Places(sizes.Input, sizes.Output),
                    DerivativeOf = new(maximum, "") { ["input"] = Fillers.AllDifferent },
                },
            ]
        select row;

    public static Dictionary<string, Func<Network>> Networks =>
        new()
        {
            ["adaptive pooling whose windows overlap"] = () =>
                NetworkBuilder
                    .Start(9, 8, 2)
                    .Convolution(3, 3)
                    .AdaptiveMaxPooling(new Size2(4, 5))
                    .Tanh()
                    .AdaptiveAveragePooling(3)
                    .Dense(5)
                    .Build(82),
            ["global pooling"] = () =>
                NetworkBuilder
                    .Start(8, 8, 2)
                    .Convolution(4, 3)
                    .AdaptiveMaxPooling(3)
                    .Convolution(5, 2)
                    .Tanh()
                    .GlobalAveragePooling()
                    .Dense(5)
                    .Build(83),
        };

    /// <summary>PyTorch's windows of 5 pixels in 3: 0–1, 1–3 and 3–4.</summary>
    [Theory, EveryBackend]
    public void Windows_overlap_where_the_sizes_do_not_divide(string backend)
    {
        double[] row = [1, 3, 2, 7, 5];
        Shape input = new(1, 1, 5, 1);
        Assert.Equal([2, 4, 6], Compute(backend, new AdaptiveAveragePoolingForward(input, new(1, 3)), row)[0]);
        double[][] maxima = Compute(backend, new AdaptiveMaxPoolingForward(input, new(1, 3), true), row);
        Assert.Equal([3, 7, 7], maxima[0]);
        Assert.Equal([1, 3, 3], maxima[1]);
        double[] gradient = Compute(backend, new AdaptiveMaxPoolingBackward(input, new(1, 3)), [1, 10, 100], [1, 3, 3])[
            0
        ];
        Assert.Equal([0, 1, 0, 110, 0], gradient);
    }

    [Theory, EveryBackend]
    public void A_NaN_is_larger_than_every_number_and_minus_infinity_is_a_number(string backend)
    {
        double[] row = [1, double.PositiveInfinity, double.NaN, double.NaN, double.NegativeInfinity];
        double[][] maxima = Compute(backend, new AdaptiveMaxPoolingForward(new(1, 1, 5, 1), new(1, 5), true), row);
        Assert.Equal(row, maxima[0]);
        maxima = Compute(backend, new AdaptiveMaxPoolingForward(new(1, 1, 5, 1), 1, true), row);
        Assert.Equal([double.NaN], maxima[0]);
        Assert.Equal([2], maxima[1]);
    }

    [Theory, EveryBackend]
    public void Windows_that_tile_are_those_of_plain_pooling(string backend)
    {
        Shape input = new(2, 6, 9, 5);
        PoolingGeometry plain = new(input, 3);
        double[] image = Fillers.Uniform.Draw(new Random(1), input.Count);
        Comparison.Close(
            Compute(backend, new AveragePoolingForward(plain), image)[0],
            Compute(backend, new AdaptiveAveragePoolingForward(input, new(2, 3)), image)[0],
            Tolerance.OfSum(9),
            "means"
        );
        Assert.Equal(
            Compute(backend, new MaxPoolingForward(plain, true), image)[0],
            Compute(backend, new AdaptiveMaxPoolingForward(input, new(2, 3), true), image)[0]
        );
    }

    [Fact]
    public void An_empty_output_is_refused_with_the_sizes()
    {
        string message = Assert
            .Throws<ShapeException>(() => NetworkBuilder.Start(4, 4, 2).AdaptiveAveragePooling(new Size2(0, 2)))
            .Message;
        Assert.Contains("0×2", message, StringComparison.Ordinal);
        Assert.Contains("adaptive-average-pooling", message, StringComparison.Ordinal);
    }

    // Those of the maxima of random images.
    private static Filler Places(Shape input, Size2 output) =>
        (random, places) =>
        {
            double[] image = Fillers.Uniform.Draw(random, input.Count);
            Compute("managed", new AdaptiveMaxPoolingForward(input, output, true), image)[1].CopyTo(places);
        };
}

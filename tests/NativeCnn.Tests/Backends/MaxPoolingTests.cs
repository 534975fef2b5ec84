using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class MaxPoolingTests : IOperationRows
{
    /// <summary>The geometries that every pooling is checked on.</summary>
    internal static readonly PoolingGeometry[] Geometries =
    [
        new(new(1, 1, 1, 1), 1),
        new(new(3, 6, 8, 3), 2),
        new(new(1, 7, 7, 17), 2),
        new(new(1, 6, 6, 33), 3),
        // Overlapping, gaps between windows, padding on all or some sides.
        new(new(3, 9, 9, 4), 3, stride: 2),
        new(new(1, 8, 7, 16), 3, stride: 2, padding: Padding.All(1)),
        new(new(1, 5, 5, 3), 3, stride: 1, padding: Padding.All(1)),
        new(new(1, 9, 9, 4), 2, stride: 3),
        new(new(3, 6, 7, 3), new(3, 4), stride: new(2, 1), padding: new(2, 1, 0, 3)),
        new(new(1, 2, 2, 5), 3, stride: 1, padding: new(0, 2, 1, 0)),
        // One dimension; the whole image.
        new(new(3, 1, 12, 4), new(1, 3), stride: new(1, 2)),
        new(new(3, 5, 4, 10), new(5, 4)),
        // Exactly 256 places, and more: a place then needs two bytes.
        new(new(1, 16, 17, 3), 16, stride: 1),
        new(new(1, 20, 19, 3), new(17, 18), stride: 1, padding: new(2, 0, 3, 1)),
        // Sizes that are rounded up: without padding, with it, and a window wider than the image.
        new(new(2, 7, 7, 5), 2, ceilMode: true),
        new(new(1, 8, 10, 18), new(3, 4), stride: new(2, 3), padding: Padding.All(1), ceilMode: true),
        new(new(1, 6, 2, 3), 3, stride: 2, padding: new(1, 0, 0, 0), ceilMode: true),
        // LeNet.
        new(new(3, 24, 24, 20), 2),
        new(new(3, 8, 8, 50), 2),
    ];

    public static IEnumerable<OperationCase> Rows =>
        from g in Geometries
        let forward = new MaxPoolingForward(g, wantsArgmax: true)
        from row in (OperationCase[])
            [
                new(forward, $"{g}"),
                // Whole numbers from −2 to 2.
                new(forward, $"{g}, ties") { ["input"] = Fillers.Each(random => random.Next(-2, 3)) },
                new(new MaxPoolingForward(g, wantsArgmax: false), $"{g}, no argmax"),
                new(new MaxPoolingBackward(g), $"{g}")
                {
                    ["argmax"] = Places(g),
                    DerivativeOf = new(forward, "") { ["input"] = Fillers.AllDifferent },
                },
            ]
        select row;

    [Theory, EveryBackend]
    public void The_maximum_and_its_place(string backend)
    {
        double[][] written = Pool(backend, new(new(1, 2, 6, 1), 2), 1, 2, 7, 4, -5, -6, 3, 0, 5, 6, -8, -7);
        Assert.Equal([3, 7, -5], written[0]);
        Assert.Equal([2, 0, 0], written[1]);
    }

    [Theory, EveryBackend]
    public void The_first_of_equal_maxima_wins(string backend)
    {
        double[][] written = Pool(backend, new(new(1, 2, 4, 1), 2), 1, 5, 0, 0, 5, 5, 0, 0);
        Assert.Equal([5, 0], written[0]);
        Assert.Equal([1, 0], written[1]);
    }

    [Theory, EveryBackend]
    public void Padding_never_wins_but_counts_in_the_place(string backend)
    {
        PoolingGeometry geometry = new(new(1, 2, 2, 1), 2, stride: 2, padding: Padding.All(1));
        double[][] written = Pool(backend, geometry, -1, -2, -3, double.NegativeInfinity);
        Assert.Equal([-1, -2, -3, double.NegativeInfinity], written[0]);
        Assert.Equal([3, 2, 1, 0], written[1]);
    }

    [Theory, EveryBackend]
    public void A_NaN_is_larger_than_every_number(string backend)
    {
        double[] image = [1, double.NaN, double.PositiveInfinity, double.NaN, 2, 3, double.NaN, 4];
        double[][] written = Pool(backend, new(new(1, 2, 4, 1), 2), image);
        Assert.Equal([double.NaN, double.NaN], written[0]);
        Assert.Equal([1, 1], written[1]);
    }

    [Theory, EveryBackend]
    public void Zeros_of_both_signs_are_equal(string backend)
    {
        double[][] written = Pool(backend, new(new(1, 2, 4, 1), 2), -0.0, 0, 0, -0.0, 0, -0.0, -0.0, -1);
        Assert.Equal([0, 0], written[1]);
    }

    [Theory, EveryBackend]
    public void The_gradient_goes_to_the_maxima_alone(string backend)
    {
        // Windows at columns 0–1, 1–2 and 2–3; the first two share their winner, column 1.
        MaxPoolingBackward backward = new(new(new(1, 1, 4, 1), new(1, 2), stride: 1));
        Assert.Equal([0, 11, 0, 100], Compute(backend, backward, [1, 10, 100], [1, 0, 1])[0]);
    }

    private static double[][] Pool(string backend, PoolingGeometry geometry, params double[] input) =>
        Compute(backend, new MaxPoolingForward(geometry, wantsArgmax: true), input);

    // Those of the maxima of random images.
    private static Filler Places(PoolingGeometry g) =>
        (random, places) =>
        {
            double[] image = Fillers.Uniform.Draw(random, g.Input.Count);
            Compute("managed", new MaxPoolingForward(g, wantsArgmax: true), image)[1].CopyTo(places);
        };
}

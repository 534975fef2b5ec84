using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class HingeLossTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in SoftmaxTests.Vectors
        from count in ((int[])[(shape.BatchSize + 1) / 2, shape.BatchSize]).Distinct()
        let lossOnly = new HingeLoss(shape, wantsGradient: false)
        let details = $"{shape}, {count} examples"
        from row in (OperationCase[])
            [
                new(new HingeLoss(shape, wantsGradient: true), details, 0.25, count)
                {
                    ["output"] = Fillers.Between(-2, 2),
                    ["targets"] = Labels(shape, count),
                    DerivativeOf = new(lossOnly, details, 1, count)
                    {
                        ["output"] = AwayFromKinks,
                        ["targets"] = Labels(shape, count),
                    },
                },
                new(lossOnly, $"{details}, loss only", 1, count) { ["targets"] = Labels(shape, count) },
            ]
        select row;

    // No two differ by 1, where a term begins.
    private static Filler AwayFromKinks => Fillers.Each(random => 0.375 * random.Next(-5, 5));

    [Theory, EveryBackend]
    public void Is_the_mean_of_what_each_other_class_comes_too_near(string backend)
    {
        HingeLoss loss = new(Shape.Vector(3, 4), wantsGradient: true);
        // Terms 0.5 and 1.5 for classes 1 and 3; none; and the other three's 1, 1, 1.
        double[] y = [2, 1.5, 0, 2.5, 9, 1, 2, 3, 0, 0, 0, 0];
        double[][] written = Compute(backend, [4, 3], loss, y, [0, 0, 2]);
        Assert.Equal([0.5, 0, 0.75], written[0]);
        Assert.Equal([-2, 1, 0, 1, 0, 0, 0, 0, 1, 1, -3, 1], written[1].Select(x => x + 0.0));
    }

    [Theory, EveryBackend]
    public void Nan_is_not_swallowed(string backend)
    {
        HingeLoss loss = new(Shape.Vector(1, 3), wantsGradient: true);
        double[][] written = Compute(backend, [1, 1], loss, [0, -5, double.NaN], [0]);
        Assert.Equal([double.NaN], written[0]);
        Assert.Equal([double.NaN, 0, double.NaN], written[1]);
    }

    [Theory, EveryBackend]
    public void Labels_that_are_no_class_and_maps_are_refused(string backend)
    {
        HingeLoss loss = new(Shape.Vector(2, 3), wantsGradient: false);
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => Compute(backend, [1, 2], loss, new double[6], [0, 3]));
        Assert.StartsWith("HingeLoss: label 1 is 3; ", e.Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => new HingeLoss(new Shape(2, 2, 1, 3), wantsGradient: false));
    }

    private static Filler Labels(Shape shape, int count) =>
        (random, labels) =>
        {
            for (int n = 0; n < labels.Length; n++)
                labels[n] = n < count ? random.Next(shape.Channels) : -1;
        };
}

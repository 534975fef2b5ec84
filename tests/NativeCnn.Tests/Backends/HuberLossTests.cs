using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class HuberLossTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])[new(1, 1, 1, 1), new(5, 1, 1, 10), new(3, 4, 5, 3), new(40, 8, 8, 12)]
        from delta in (double[])[1, 0.25]
        from count in ((int[])[(shape.BatchSize + 1) / 2, shape.BatchSize]).Distinct()
        let lossOnly = new HuberLoss(shape, delta, wantsGradient: false)
        let details = $"{shape}, delta {delta}, {count} examples"
        from row in (OperationCase[])
            [
                new(new HuberLoss(shape, delta, wantsGradient: true), details, 0.25, count)
                {
                    ["output"] = Fillers.Between(-3, 3),
                    DerivativeOf = new(lossOnly, details, 1, count)
                    {
                        ["output"] = Steps,
                        ["targets"] = Fillers.Between(0, 0.0625f),
                    },
                },
                new(lossOnly, $"{details}, loss only", 1, count),
            ]
        select row;

    // With the targets' 0 to 1/16 no difference is near ±1 or ±1/4, where the line begins.
    private static Filler Steps => Fillers.Each(random => 0.125 + 0.5 * random.Next(-4, 4));

    [Theory, EveryBackend]
    public void Is_half_the_square_and_from_delta_on_a_line(string backend)
    {
        double inf = double.PositiveInfinity;
        double[] y = [0.5, -1, 3, -3, inf, double.NaN];
        HuberLoss loss = new(new Shape(6, 1, 1, 1), 1, wantsGradient: true);
        double[][] written = Compute(backend, [2, 6], loss, y, new double[6]);
        Assert.Equal([0.125, 0.5, 2.5, 2.5, inf, double.NaN], written[0]);
        Assert.Equal([1, -2, 2, -2, 2, double.NaN], written[1]);
        written = Compute(backend, [1, 1], new HuberLoss(Shape.Vector(1, 3), 2, true), [1, 3, -5], [0, 0, 0]);
        Assert.Equal([0.5 + 2 * 2 + 2 * 4], written[0]);
        Assert.Equal([1, 2, -2], written[1]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1e-60)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_delta_that_is_none_is_refused(double delta)
    {
        Action[] makers = [() => _ = new HuberLoss(new Shape(1, 1, 1, 1), delta, false), () => Make(delta)];
        Assert.All(makers, make => Assert.Equal("delta", Assert.Throws<ArgumentOutOfRangeException>(make).ParamName));
    }

    private static void Make(double delta) => _ = new NativeCnn.Losses.HuberLoss(delta);
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class GradientClippingTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])[.. OperationCases.PointWiseShapes, new(7, 40, 40, 11)]
        from row in (OperationCase[])
            [
                new(new GradientNorm(shape), $"{shape}"),
                new(new GradientScaling(shape), $"{shape}", 0.3),
                new(new GradientClamp(shape), $"{shape}", 0.3),
            ]
        select row;

    [Theory, EveryBackend]
    public void The_norm_is_the_root_of_the_sum_of_squares_and_does_not_overflow(string backend)
    {
        double[] Norm(params double[] gradient) =>
            Compute(backend, new GradientNorm(Shape.Vector(1, gradient.Length)), gradient)[0];
        Assert.Equal([13], Norm(3, -4, 12));
        Comparison.Close([5e30], Norm((float)3e30, (float)4e30), new Tolerance(0, 1e-6), "norm");
        Assert.Equal([double.PositiveInfinity], Norm(1, double.NegativeInfinity));
        Assert.Equal([double.NaN], Norm(1, double.NaN));
    }

    [Theory, EveryBackend]
    public void Values_are_limited_and_scaled_and_nan_is_not_swallowed(string backend)
    {
        // More than a vector, so that both it and its rest are seen.
        double inf = double.PositiveInfinity;
        double[] gradient =
        [
            .. Enumerable.Repeat<double[]>([-3, -0.5, 0.25, 2, inf, -inf, double.NaN], 5).SelectMany(g => g),
        ];
        double[] clamped = Compute(backend, [0.5], new GradientClamp(Shape.Vector(1, 35)), gradient)[0];
        Assert.Equal([-0.5, -0.5, 0.25, 0.5, 0.5, -0.5, double.NaN], clamped[..7]);
        Assert.Equal(clamped[..7], clamped[28..]);
        double[] scaled = Compute(backend, [2], new GradientScaling(Shape.Vector(1, 35)), gradient)[0];
        Assert.Equal([-6, -1, 0.5, 4, inf, -inf, double.NaN], scaled[..7]);
        Assert.Equal(scaled[..7], scaled[28..]);
        scaled = Compute(backend, [double.NaN], new GradientScaling(Shape.Vector(1, 2)), [1, 2])[0];
        Assert.All(scaled, value => Assert.Equal(double.NaN, value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1e39)]
    [InlineData(double.NaN)]
    public void A_limit_that_is_none_is_refused(double limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(limit),
            () => Compute("native", [limit], new GradientClamp(Shape.Vector(1, 1)), [1])
        );
}

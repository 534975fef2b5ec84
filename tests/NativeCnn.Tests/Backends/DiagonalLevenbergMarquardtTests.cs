using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class DiagonalLevenbergMarquardtTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in OperationCases.PointWiseShapes
        from row in Updates(shape)
        select row;

    /// <summary>Updates of a shape with weight decay and without.</summary>
    internal static IEnumerable<OperationCase> Updates(Shape shape) =>
        from decay in (double[])[0, 0.01]
        select new OperationCase(
            new DiagonalLevenbergMarquardtUpdate(shape),
            $"{shape}, decay {decay}",
            [0.001, 0.02, decay]
        )
        {
            ["secondDerivative"] = Fillers.Between(0, 1),
        };

    // g + λw = 1 + ½ · 2 and h + μ = 3 + 1; what rounding left below 0 counts as much above.
    [Theory, EveryBackend]
    public void The_step_is_divided_by_the_second_derivative(string backend)
    {
        Shape shape = Shape.Vector(1, 3);
        double[][] updated = Compute(
            backend,
            [0.5, 1, 0.5],
            new DiagonalLevenbergMarquardtUpdate(shape),
            [1, 1, 1],
            [3, 0, -3],
            [2, 2, 2]
        );
        Assert.Equal([3, 0, -3], updated[0]);
        Assert.Equal([1.75, 1, 1.75], updated[1]);
    }

    [Theory, EveryBackend]
    public void What_is_not_finite_is_not_hidden(string backend)
    {
        double[] h = [double.NaN, double.PositiveInfinity];
        double[][] updated = Compute(
            backend,
            [0.5, 1, 0],
            new DiagonalLevenbergMarquardtUpdate(Shape.Vector(1, 2)),
            [1, 1],
            h,
            [2, 2]
        );
        Assert.Equal([double.NaN, 2], updated[1]);
    }

    [Theory]
    [InlineData(0, double.NaN, "learningRate")]
    [InlineData(1, 0, "damping")]
    [InlineData(1, 1e-60, "damping")]
    [InlineData(1, -1, "damping")]
    [InlineData(2, double.PositiveInfinity, "weightDecay")]
    public void Numbers_out_of_range_are_refused(int place, double value, string name)
    {
        double[] step = [0.1, 0.02, 0];
        step[place] = value;
        DiagonalLevenbergMarquardtUpdate update = new(Shape.Vector(1, 1));
        var e = Assert.Throws<ArgumentException>(() => Compute("native", step, update, [1], [0], [1]));
        Assert.StartsWith($"DiagonalLevenbergMarquardtUpdate: {name} is ", e.Message, StringComparison.Ordinal);
    }
}

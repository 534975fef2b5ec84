using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class RmsPropTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in OperationCases.PointWiseShapes
        from row in Updates(shape)
        select row;

    /// <summary>Updates of a shape with momentum and without, with weight decay and without.</summary>
    internal static IEnumerable<OperationCase> Updates(Shape shape) =>
        from momentum in (double[])[0, 0.9]
        from decay in (double[])[0, 0.01]
        select new OperationCase(
            new RmsPropUpdate(shape, momentum != 0),
            $"{shape}, momentum {momentum}, decay {decay}",
            [0.001, 0.99, 1e-8, momentum, decay]
        )
        {
            // A mean of squares, not so small that it magnifies how a gradient was rounded.
            ["meanSquare"] = Fillers.Between(0.01f, 1),
        };

    // s = ½ · 0.5 + ½ · 1 = 0.75, whose root and ε are 1; then v and w.
    [Theory, EveryBackend]
    public void The_step_is_the_gradient_by_the_root_of_the_mean_square(string backend)
    {
        double epsilon = 1 - Math.Sqrt(0.75);
        RmsPropUpdate plain = new(Shape.Vector(1, 1));
        double[][] updated = Compute(backend, [0.25, 0.5, epsilon, 0, 0.5], plain, [0], [0.5], [2]);
        Comparison.Close([0.75, 1.75], [updated[0][0], updated[1][0]], Tolerance.OfSum(12), "s and w");
        RmsPropUpdate withMomentum = new(Shape.Vector(1, 1), hasMomentum: true);
        updated = Compute(backend, [0.25, 0.5, epsilon, 0.5, 0], withMomentum, [1], [3], [0.5], [2]);
        double[] actual = [.. updated.Select(values => values[0])];
        Comparison.Close([2.5, 0.75, 2 - 0.625], actual, Tolerance.OfSum(12), "v, s and w");
    }

    [Theory]
    [InlineData(0, double.NaN, "learningRate")]
    [InlineData(1, 1, "smoothing")]
    [InlineData(1, -0.1, "smoothing")]
    [InlineData(2, 0, "epsilon")]
    [InlineData(3, double.PositiveInfinity, "momentum")]
    [InlineData(4, double.NaN, "weightDecay")]
    public void Numbers_out_of_range_are_refused(int place, double value, string name)
    {
        double[] step = [0.1, 0.9, 1e-8, 0, 0];
        step[place] = value;
        RmsPropUpdate update = new(Shape.Vector(1, 1), hasMomentum: true);
        var e = Assert.Throws<ArgumentException>(() => Compute("native", step, update, [1], [0], [0], [1]));
        Assert.StartsWith($"RmsPropUpdate: {name} is ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Momentum_needs_a_velocity() =>
        Assert.Throws<ArgumentException>(() =>
            Compute("native", [0.1, 0.9, 1e-8, 0.5, 0], new RmsPropUpdate(Shape.Vector(1, 1)), [1], [0], [1])
        );
}

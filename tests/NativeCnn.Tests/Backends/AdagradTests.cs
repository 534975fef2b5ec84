using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class AdagradTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in OperationCases.PointWiseShapes
        from row in Updates(shape)
        select row;

    /// <summary>Updates of a shape with weight decay and without.</summary>
    internal static IEnumerable<OperationCase> Updates(Shape shape) =>
        from decay in (double[])[0, 0.01]
        select new OperationCase(new AdagradUpdate(shape), $"{shape}, decay {decay}", [0.01, 1e-10, decay])
        {
            // A sum of squares, not so small that it magnifies how a gradient was rounded.
            ["sumOfSquares"] = Fillers.Between(0.01f, 1),
        };

    // g' = 1 + ½ · 2, s = 5 + 4 and √s + ε = 4.
    [Theory, EveryBackend]
    public void The_step_is_the_gradient_by_the_root_of_the_sum_of_squares(string backend)
    {
        double[][] updated = Compute(backend, [0.5, 1, 0.5], new AdagradUpdate(Shape.Vector(1, 1)), [1], [5], [2]);
        Assert.Equal([9, 2 - 0.5 * 2 / 4], updated.Select(values => values[0]));
    }

    [Theory]
    [InlineData(0, double.NaN, "learningRate")]
    [InlineData(1, 0, "epsilon")]
    [InlineData(1, 1e-60, "epsilon")]
    [InlineData(2, double.PositiveInfinity, "weightDecay")]
    public void Numbers_out_of_range_are_refused(int place, double value, string name)
    {
        double[] step = [0.1, 1e-10, 0];
        step[place] = value;
        AdagradUpdate update = new(Shape.Vector(1, 1));
        var e = Assert.Throws<ArgumentException>(() => Compute("native", step, update, [1], [0], [1]));
        Assert.StartsWith($"AdagradUpdate: {name} is ", e.Message, StringComparison.Ordinal);
    }
}

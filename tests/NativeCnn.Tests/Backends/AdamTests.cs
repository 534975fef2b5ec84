using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class AdamTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in OperationCases.PointWiseShapes
        from row in Updates(shape)
        select row;

    /// <summary>Updates of a shape with both kinds of weight decay and none, at the first step and later.</summary>
    internal static IEnumerable<OperationCase> Updates(Shape shape) =>
        from isDecoupled in (bool[])[false, true]
        from decay in (double[])[0, 0.01]
        from step in (double[])[1, 2, 10_000]
        select new OperationCase(
            new AdamUpdate(shape, isDecoupled),
            $"{shape}, step {step}, decay {decay}, {(isDecoupled ? "decoupled" : "coupled")}",
            [0.001, 0.9, 0.999, 1e-8, decay, step]
        )
        {
            // A mean of squares.
            ["secondMoment"] = Fillers.Between(0, 1),
        };

    // Worked out in float64: after the first step m = 0.1 g and v = 0.001 g², so that the corrected quotient is 1.
    // Weight decay joins the gradient, or goes before the step.
    [Theory, EveryBackend]
    public void The_step_is_the_quotient_of_the_corrected_moments(string backend)
    {
        void AssertStep(double[] expected, bool isDecoupled, double decay, double step, params double[][] given)
        {
            AdamUpdate update = new(Shape.Vector(1, 1), isDecoupled);
            double[][] updated = Compute(backend, [0.1, 0.9, 0.999, 1e-8, decay, step], update, given);
            double[] actual = [.. updated.Select(values => values[0])];
            Comparison.Close(expected, actual, Tolerance.OfSum(12), "moments and value");
        }
        AssertStep([0.05, 0.00025, 0.9], false, 0, 1, [0.5], [0], [0], [1]);
        AssertStep([0.02, 0.00031225, 0.9733663], false, 0, 2, [-0.25], [0.05], [0.00025], [1]);
        AssertStep([0.06, 0.00036, 0.9], false, 0.1, 1, [0.5], [0], [0], [1]);
        AssertStep([0.05, 0.00025, 0.89], true, 0.1, 1, [0.5], [0], [0], [1]);
    }

    [Theory]
    [InlineData(0, double.NaN, "learningRate")]
    [InlineData(1, 1, "beta1")]
    [InlineData(1, -0.1, "beta1")]
    [InlineData(2, 1, "beta2")]
    [InlineData(3, 0, "epsilon")]
    [InlineData(4, double.PositiveInfinity, "weightDecay")]
    [InlineData(5, 0, "step")]
    [InlineData(5, 1.5, "step")]
    public void Numbers_out_of_range_are_refused(int place, double value, string name)
    {
        double[] step = [0.1, 0.9, 0.999, 1e-8, 0, 1];
        step[place] = value;
        AdamUpdate update = new(Shape.Vector(1, 1));
        var e = Assert.Throws<ArgumentException>(() => Compute("native", step, update, [1], [0], [0], [1]));
        Assert.StartsWith($"AdamUpdate: {name} is ", e.Message, StringComparison.Ordinal);
    }
}

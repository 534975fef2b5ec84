using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class SgdTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in OperationCases.PointWiseShapes
        from row in Updates(shape)
        select row;

    /// <summary>Updates of a shape with and without momentum, Nesterov's too, and with and without decay.</summary>
    internal static IEnumerable<OperationCase> Updates(Shape shape) =>
        from rate in (double[])[0.01, 0.5]
        from momentum in (double[])[0, 0.9]
        from decay in (double[])[0, 5e-4]
        from kind in (string[])["no velocity", "velocity", "Nesterov"]
        where kind != "no velocity" || momentum == 0
        select new OperationCase(
            new SgdUpdate(shape, kind != "no velocity", kind == "Nesterov"),
            $"{shape}, rate {rate}, momentum {momentum}, decay {decay}, {kind}",
            [rate, momentum, decay]
        );

    [Theory, EveryBackend]
    public void Decays_adds_momentum_and_steps(string backend)
    {
        double[] step = [0.125, 0.5, 0.25];
        Shape one = Shape.Vector(1, 1);
        // v = 0.5 · 2 + (0.5 + 0.25 · 1) = 1.75; w = 1 − 0.125 · 1.75
        double[][] updated = Compute(backend, step, new SgdUpdate(one, true), [0.5], [2], [1]);
        Assert.Equal([1.75, 0.78125], updated.Select(values => values[0]));
        // w = 1 − 0.125 · (0.75 + 0.5 · 1.75)
        double[][] nesterov = Compute(backend, step, new SgdUpdate(one, true, isNesterov: true), [0.5], [2], [1]);
        Assert.Equal([1.75, 0.796875], nesterov.Select(values => values[0]));
        Assert.Equal([0.90625], Compute(backend, [0.125, 0, 0.25], new SgdUpdate(one, false), [0.5], [1])[0]);
    }

    [Fact]
    public void Momentum_needs_a_velocity_and_numbers_are_finite()
    {
        SgdUpdate plain = new(Shape.Vector(1, 1), hasMomentum: false);
        Assert.Throws<ArgumentException>(() => new SgdUpdate(plain.Shape, hasMomentum: false, isNesterov: true));
        var e = Assert.Throws<ArgumentException>(() => Compute("native", [0.1, 0.9, 0], plain, [1], [1]));
        Assert.Contains("needs a velocity", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<ArgumentException>(() => Compute("native", [double.NaN, 0, 0], plain, [1], [1]));
        Assert.StartsWith("SgdUpdate: learningRate is finite", e.Message, StringComparison.Ordinal);
    }
}

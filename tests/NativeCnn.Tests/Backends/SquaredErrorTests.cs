using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class SquaredErrorTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])[new(1, 1, 1, 1), new(5, 1, 1, 10), new(3, 4, 5, 3), new(40, 8, 8, 12)]
        from factor in (double[])[0.5, 1]
        from count in ((int[])[(shape.BatchSize + 1) / 2, shape.BatchSize]).Distinct()
        let lossOnly = new SquaredError(shape, factor, wantsGradient: false)
        let details = $"{shape}, factor {factor}, {count} examples"
        from row in (OperationCase[])
            [
                new(new SquaredError(shape, factor, wantsGradient: true), details, 0.25, count)
                {
                    DerivativeOf = new(lossOnly, details, 1, count),
                },
                new(lossOnly, $"{details}, loss only", 1, count),
            ]
        select row;

    [Theory, EveryBackend]
    public void Is_half_or_the_whole_sum(string backend)
    {
        Shape shape = Shape.Vector(2, 2);
        double[] y = [1, 2, 30, 40];
        double[] t = [0, 4, 50, 60];
        double[][] half = Compute(backend, [0.25, 1], new SquaredError(shape, 0.5, true), y, t);
        Assert.Equal([2.5, 0], half[0]);
        Assert.Equal([0.25, -0.5, 0, 0], half[1]);
        double[][] whole = Compute(backend, [1, 2], new SquaredError(shape, 1, true), y, t);
        Assert.Equal([5, 800], whole[0]);
        Assert.Equal([2, -4, -40, -40], whole[1]);
    }

    [Fact]
    public void Other_factors_and_more_examples_than_there_are_are_refused()
    {
        SquaredError loss = new(Shape.Vector(2, 1), 1, false);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SquaredError(loss.Output, 0.7, false));
        Assert.Throws<ArgumentOutOfRangeException>(() => Compute("native", [1, 3], loss, [1, 2], [3, 4]));
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class DropoutTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in OperationCases.PointWiseShapes
        from probability in (float[])[0, 0.1f, 0.5f, 0.9f]
        from isBackward in (bool[])[false, true]
        let dropout = new Dropout(new(0x1234_5678_9ABC_DEF0, probability), shape, isBackward)
        select new OperationCase(dropout, $"{shape}, p = {probability}, {dropout.Pass}", 12);

    [Theory, EveryBackend]
    public void Draws_from_splitmix64(string backend)
    {
        // The published sequence of seed 0 is E220A839 7B1DCDAF, 6E789E6A A1B965F4: elements 2 to 5, low halves first.
        // Elements 0 and 1 come before it, from splitmix64(0) = 0.
        Dropout dropout = new(new(0, 0.5f), Shape.Vector(1, 6));
        Assert.Equal([0, 0, 0, 8, 10, 0], Compute(backend, [0], dropout, [1, 2, 3, 4, 5, 6])[0]);
    }

    [Theory, EveryBackend]
    public void What_is_dropped_is_zero_even_if_it_was_not_finite(string backend)
    {
        Shape shape = Shape.Vector(1, 1000);
        double[] kept = Compute(backend, [0], new Dropout(new(5, 0.5f), shape), [.. Enumerable.Repeat(1.0, 1000)])[0];
        foreach (double value in (double[])[double.PositiveInfinity, double.NegativeInfinity, double.NaN])
        foreach (bool isBackward in (bool[])[false, true])
        {
            double[] x = [.. Enumerable.Repeat(value, 1000)];
            double[] y = Compute(backend, [0], new Dropout(new(5, 0.5f), shape, isBackward), x)[0];
            Assert.Equal(kept.Select(k => k == 0 ? 0 : value), y);
        }
    }

    [Theory, EveryBackend]
    public void Drops_its_share(string backend)
    {
        const int Count = 100_000;
        double[] ones = [.. Enumerable.Repeat(1.0, Count)];
        double[] y = Compute(backend, [0], new Dropout(new(1, 0.9f), Shape.Vector(1, Count)), ones)[0];
        // The share kept, times 1 / (1 − p): 1, with a standard deviation of √(p / (1 − p) / n) = 0.0095.
        Comparison.Close(1, y.Average(), new Tolerance(4 * 0.0095, 0), "mean");
    }

    [Theory, EveryBackend]
    public void Every_step_has_a_key_of_its_own_that_the_backward_pass_shares(string backend)
    {
        Shape shape = Shape.Vector(1, 100);
        double[] x = Fillers.AwayFromZero.Draw(new Random(1), 100);
        double[] third = Compute(backend, [3], new Dropout(new(7, 0.4f), shape), x)[0];
        ulong key = unchecked(7 + 3 * 0xD1342543DE82EF95);
        Assert.Equal(Compute(backend, [0], new Dropout(new(key, 0.4f), shape), x)[0], third);
        Assert.NotEqual(Compute(backend, [4], new Dropout(new(7, 0.4f), shape), x)[0], third);
        // It is linear, and so its own derivative.
        Assert.Equal(Compute(backend, [3], new Dropout(new(7, 0.4f), shape, isBackward: true), x)[0], third);
    }

    [Fact]
    public void What_is_no_probability_and_no_step_is_refused()
    {
        foreach (float probability in (float[])[-0.1f, 1, float.NaN])
            Assert.Throws<ArgumentOutOfRangeException>(() => new DropoutOptions(1, probability));
        Dropout dropout = new(new(1, 0.5f), Shape.Vector(1, 1));
        foreach (double step in (double[])[-1, 0.5, 1e17, double.NaN])
        {
            var e = Assert.Throws<ArgumentOutOfRangeException>(() => Compute("native", [step], dropout, [1]));
            Assert.StartsWith("Dropout: the step is ", e.Message, StringComparison.Ordinal);
        }
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class LogisticCrossEntropyTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])[new(1, 1, 1, 1), new(5, 1, 1, 10), new(3, 4, 5, 3), new(40, 8, 8, 12)]
        from count in ((int[])[(shape.BatchSize + 1) / 2, shape.BatchSize]).Distinct()
        let lossOnly = new LogisticCrossEntropy(shape, wantsGradient: false)
        let details = $"{shape}, {count} examples"
        from row in (OperationCase[])
            [
                new(new LogisticCrossEntropy(shape, wantsGradient: true), details, 0.25, count)
                {
                    ["output"] = Fillers.Between(-20, 20),
                    ["targets"] = Shares(shape, count),
                    DerivativeOf = new(lossOnly, details, 1, count)
                    {
                        ["output"] = Fillers.Between(-3, 3),
                        ["targets"] = Shares(shape, count),
                    },
                },
                new(lossOnly, $"{details}, loss only", 1, count) { ["targets"] = Shares(shape, count) },
            ]
        select row;

    [Theory, EveryBackend]
    public void Is_the_logarithm_of_each_share_and_loses_nothing_at_either_end(string backend)
    {
        double[] z = [0, Math.Log(3), 1000, -1000, 30, -30];
        double[] t = [0.5, 1, 1, 0, 1, 0];
        LogisticCrossEntropy loss = new(new Shape(6, 1, 1, 1), wantsGradient: true);
        double[][] written = Compute(backend, [1, 6], loss, z, t);
        // log 2, −log ¾, and log(1 + e⁻³⁰), of which 1 + e⁻³⁰ would keep nothing in float32.
        double small = Math.Exp(-30);
        double[] expected = [Math.Log(2), -Math.Log(0.75), 0, 0, small, small];
        var relative = new Tolerance(1e-38, 1e-6);
        Comparison.Close(expected, written[0], relative, "losses");
        Comparison.Close([0, -0.25, 0, 0, -small, small], written[1], relative with { Absolute = 1e-8 }, "gradient");
    }

    [Theory, EveryBackend]
    public void Infinite_logits_cost_nothing_on_their_targets_side_and_nan_is_not_swallowed(string backend)
    {
        double inf = double.PositiveInfinity;
        LogisticCrossEntropy loss = new(new Shape(5, 1, 1, 1), wantsGradient: true);
        double[][] written = Compute(backend, [1, 5], loss, [inf, -inf, inf, -inf, double.NaN], [1, 0, 0, 1, 1]);
        Assert.Equal([0, 0, inf, inf, double.NaN], written[0]);
        Assert.Equal([0, 0, 1, -1, double.NaN], written[1].Select(x => x + 0.0));
    }

    [Theory, EveryBackend]
    public void Targets_beyond_0_and_1_are_refused_where_they_count(string backend)
    {
        LogisticCrossEntropy loss = new(Shape.Vector(2, 2), wantsGradient: false);
        foreach (double wrong in (double[])[-0.25, 1.25, double.NaN])
        {
            var e = Assert.Throws<ArgumentOutOfRangeException>(() =>
                Compute(backend, [1, 2], loss, new double[4], [0, 1, 0.5, wrong])
            );
            Assert.StartsWith(
                FormattableString.Invariant($"LogisticCrossEntropy: the targets of example 1 hold {wrong}; "),
                e.Message,
                StringComparison.Ordinal
            );
            Compute(backend, [1, 1], loss, new double[4], [0, 1, 0.5, wrong]);
        }
    }

    // Targets of examples that do not count are no targets.
    private static Filler Shares(Shape shape, int count) =>
        (random, targets) =>
        {
            Fillers.Between(0, 1)(random, targets);
            targets[(count * shape.ElementsPerExample)..].Fill(double.NaN);
        };
}

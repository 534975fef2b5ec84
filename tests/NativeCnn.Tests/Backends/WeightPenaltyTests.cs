using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class WeightPenaltyTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in OperationCases.PointWiseShapes
        from kind in Enum.GetValues<WeightPenaltyKind>()
        from strength in (float[])[0, 0.25f, 5e-4f]
        let penalty = new WeightPenalty(kind, shape)
        let details = $"{shape}, {kind}, strength {strength}"
        select new OperationCase(penalty, details, strength)
        {
            DerivativeOf = new(penalty, details, strength) { ["values"] = Fillers.AwayFromZero },
        };

    [Theory, EveryBackend]
    public void L1_pulls_with_one_force_and_L2_in_proportion(string backend)
    {
        Shape shape = Shape.Vector(1, 4);
        double[] w = [2, -3, 0, 1];
        double[] dw = [100, 100, 100, 100];
        double[][] first = Compute(backend, [0.5], new WeightPenalty(WeightPenaltyKind.L1, shape), w, dw);
        Assert.Equal([100.5, 99.5, 100, 100.5], first[0]);
        Assert.Equal([3], first[1]);
        double[][] second = Compute(backend, [0.5], new WeightPenalty(WeightPenaltyKind.L2, shape), w, dw);
        Assert.Equal([101, 98.5, 100, 100.5], second[0]);
        Assert.Equal([3.5], second[1]);
    }

    [Fact]
    public void Strengths_below_0_and_unknown_norms_are_refused()
    {
        Shape one = Shape.Vector(1, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new WeightPenalty((WeightPenaltyKind)7, one));
        WeightPenalty penalty = new(WeightPenaltyKind.L2, one);
        foreach (double strength in (double[])[-1, double.NaN, 1e300])
            Assert.Throws<ArgumentOutOfRangeException>(() => Compute("native", [strength], penalty, [1], [1]));
    }
}

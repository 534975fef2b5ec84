using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>Filters with a batch normalisation in them: rows, values by hand, and what is refused.</summary>
public sealed class BatchNormFoldingTests : IOperationRows
{
    // One weight, a vector and a rest, filters of several chunks, and a filter of more than one.
    public static IEnumerable<OperationCase> Rows =>
        from filters in (Shape[])[new(1, 1, 1, 1), new(6, 2, 3, 5), new(40, 3, 3, 70), new(4, 64, 3, 130)]
        from hasBias in (bool[])[false, true]
        from groups in (int[])[0, 1, 2]
        where groups < 2 || filters.Outputs % groups == 0
        select new OperationCase(
            new BatchNormFolding(1e-3f, filters, hasBias, groups),
            $"{filters}, {(hasBias ? "bias" : "no bias")}, {groups} transposed groups"
        )
        {
            ["runningVariance"] = Fillers.Between(0.5f, 2),
        };

    [Theory, EveryBackend]
    public void Every_filter_has_its_factor(string backend)
    {
        var folding = new BatchNormFolding(0.25f, new Shape(2, 1, 2, 1), hasBias: true);
        double[][] folded = Compute(backend, folding, [1, 2, 3, 4], [10, 20], [3, 6], [100, 200], [1, 2], [2, 8.75]);
        // 3 / √2.25 and 6 / √9.
        Assert.Equal([2, 4, 6, 8], folded[0]);
        Assert.Equal([9 * 2 + 100, 18 * 2 + 200], folded[1]);
    }

    [Theory, EveryBackend]
    public void Transposed_filters_have_factors_by_group_and_channel(string backend)
    {
        // Two groups of two filters of two channels.
        var folding = new BatchNormFolding(1, new Shape(4, 1, 1, 2), hasBias: false, transposedGroups: 2);
        double[] ones = [1, 1, 1, 1];
        double[] zeros = [0, 0, 0, 0];
        double[][] folded = Compute(backend, folding, [1, 1, 2, 2, 3, 3, 4, 4], [1, 10, 100, 1000], zeros, ones, zeros);
        Assert.Equal([1, 10, 2, 20, 300, 3000, 400, 4000], folded[0]);
        Assert.Equal([-1, -10, -100, -1000], folded[1]);
    }

    [Theory, EveryBackend]
    public void A_NaN_stays_in_its_channel_and_no_variance_is_no_division_by_zero(string backend)
    {
        var folding = new BatchNormFolding(0.25f, new Shape(3, 1, 1, 1), hasBias: false);
        double[][] folded = Compute(backend, folding, [1, 2, 3], [1, 1, 1], [5, 5, 5], [0, 1, 0], [double.NaN, 0, 0]);
        Assert.Equal([double.NaN, 4, 6], folded[0]);
        Assert.Equal([double.NaN, 3, 5], folded[1]);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Shape filters = new(3, 1, 1, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchNormFolding(0, filters, hasBias: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchNormFolding(1, filters, hasBias: false, -1));
        var e = Assert.Throws<ShapeException>(() => new BatchNormFolding(1, filters, hasBias: false, 2));
        Assert.Contains(
            "2 groups of a transposed convolution do not divide the 3",
            e.Message,
            StringComparison.Ordinal
        );
    }
}

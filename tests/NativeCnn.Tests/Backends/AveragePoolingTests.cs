using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class AveragePoolingTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from geometry in MaxPoolingTests.Geometries
        from countPadding in (bool[])[false, true]
        let g = CountingPadding(geometry, countPadding)
        let details = $"{g}, padding {(countPadding ? "" : "not ")}counted"
        let forward = new OperationCase(new AveragePoolingForward(g), details)
        let backward = new OperationCase(new AveragePoolingBackward(g), details) { DerivativeOf = forward }
        from row in (OperationCase[])[forward, backward]
        select row;

    [Theory, EveryBackend]
    public void The_mean_is_over_the_image_or_over_the_window(string backend)
    {
        double[] image = [4, 8, 12, 16];
        PoolingGeometry geometry = new(new(1, 2, 2, 1), 2, stride: 2, padding: Padding.All(1));
        Assert.Equal([4, 8, 12, 16], Compute(backend, new AveragePoolingForward(geometry), image)[0]);
        geometry = CountingPadding(geometry, true);
        Assert.Equal([1, 2, 3, 4], Compute(backend, new AveragePoolingForward(geometry), image)[0]);
    }

    [Theory, EveryBackend]
    public void What_lies_beyond_the_padding_counts_nowhere(string backend)
    {
        // The last window has the columns 3, 4 and padding; its fourth lies beyond that.
        PoolingGeometry geometry = new(
            new(1, 1, 4, 1),
            new(1, 4),
            3,
            new(0, 1, 0, 1),
            countPadding: true,
            ceilMode: true
        );
        Assert.Equal(new(1, 1, 2, 1), geometry.Output);
        Assert.Equal([9, 12], Compute(backend, new AveragePoolingForward(geometry), [0, 24, 12, 24])[0]);
    }

    [Theory, EveryBackend]
    public void The_gradient_of_a_mean_is_spread_evenly(string backend)
    {
        PoolingGeometry geometry = new(new(1, 1, 3, 1), new(1, 2), stride: 1);
        Assert.Equal([1, 11, 10], Compute(backend, new AveragePoolingBackward(geometry), [2, 20])[0]);
    }

    // The same sizes with padding in the divisor, or not.
    internal static PoolingGeometry CountingPadding(in PoolingGeometry g, bool countPadding) =>
        new(
            g.Input,
            new(g.WindowHeight, g.WindowWidth),
            new(g.StrideY, g.StrideX),
            new(g.PadTop, g.PadLeft, g.PadBottom, g.PadRight),
            countPadding,
            ceilMode: (g.OverhangBottom | g.OverhangRight) != 0
        );
}

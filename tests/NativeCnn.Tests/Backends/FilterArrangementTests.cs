using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>Filters turned and masked, and cleared tensors: their rows, and values by hand.</summary>
public sealed class FilterArrangementTests : IOperationRows
{
    private static readonly ConnectionTable Sparse = new([
        [1],
        [0, 2],
        [2, 1, 0],
    ]);

    public static IEnumerable<OperationCase> Rows =>
        [
            .. from shape in OperationCases.PointWiseShapes select new OperationCase(new Clear(shape), $"{shape}"),
            .. Arrangements.SelectMany(
                ((Shape Filters, bool IsRotated, ConnectionTable? Table) a) =>
                {
                    string details =
                        $"{a.Filters}{(a.IsRotated ? ", rotated" : "")}, {a.Table?.Connections} connections";
                    var forward = new OperationCase(
                        new FilterArrangementForward(a.Filters, a.IsRotated, a.Table),
                        details
                    );
                    var backward = new FilterArrangementBackward(a.Filters, a.IsRotated, a.Table);
                    return (OperationCase[])[forward, new(backward, details) { DerivativeOf = forward }];
                }
            ),
        ];

    private static readonly (Shape Filters, bool IsRotated, ConnectionTable? Table)[] Arrangements =
    [
        (new(1, 1, 1, 1), true, null),
        (new(3, 2, 3, 3), true, null),
        (new(3, 2, 3, 3), false, Sparse),
        (new(3, 4, 1, 3), true, Sparse),
        (new(16, 5, 5, 6), true, ConnectionTable.LeNet5C3),
        (new(40, 3, 3, 70), true, null),
        (new(40, 3, 3, 70), true, ConnectionTable.Full(70, 40)),
    ];

    [Theory, EveryBackend]
    public void Taps_are_turned_and_maps_stay(string backend)
    {
        Shape filters = new(1, 2, 2, 2);
        double[] w = [1, 10, 2, 20, 3, 30, 4, 40];
        double[] turned = [4, 40, 3, 30, 2, 20, 1, 10];
        Assert.Equal(turned, Compute(backend, new FilterArrangementForward(filters, true, null), w)[0]);
        ConnectionTable second = new([
            [1],
        ]);
        Assert.Equal(
            [0, 40, 0, 30, 0, 20, 0, 10],
            Compute(backend, new FilterArrangementForward(filters, true, second), w)[0]
        );
        double[] dw = Compute(
            backend,
            new FilterArrangementBackward(filters, true, second),
            w,
            [.. Enumerable.Repeat(100.0, 8)]
        )[0];
        Assert.Equal([100, 140, 100, 130, 100, 120, 100, 110], dw);
    }

    [Theory, EveryBackend]
    public void What_is_not_connected_is_zero_whatever_it_is(string backend)
    {
        ConnectionTable first = new([
            [0],
        ]);
        double[] v = Compute(backend, new FilterArrangementForward(Shape.Vector(1, 2), false, first), [3, double.NaN])[
            0
        ];
        Assert.Equal([3, 0], v);
    }

    [Fact]
    public void A_table_for_other_maps_is_refused()
    {
        var e = Assert.Throws<ShapeException>(() => new FilterArrangementForward(new(3, 1, 1, 2), false, Sparse));
        Assert.Contains(
            "Row 1 of the connection table names input map 2; there are 2",
            e.Message,
            StringComparison.Ordinal
        );
        e = Assert.Throws<ShapeException>(() => new FilterArrangementBackward(new(2, 1, 1, 3), false, Sparse));
        Assert.Contains("has 3 rows, one for each output map; there are 2", e.Message, StringComparison.Ordinal);
    }
}

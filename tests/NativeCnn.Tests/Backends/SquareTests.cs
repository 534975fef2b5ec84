using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class SquareTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in OperationCases.PointWiseShapes
        select new OperationCase(new Square(shape), $"{shape}");

    [Theory, EveryBackend]
    public void Every_element_is_squared_whatever_it_is(string backend)
    {
        double[] x = [-3, 0.5, 0, double.NaN, double.NegativeInfinity];
        double[] squares = [9, 0.25, 0, double.NaN, double.PositiveInfinity];
        Assert.Equal(squares, Compute(backend, new Square(Shape.Vector(1, 5)), x)[0]);
    }
}

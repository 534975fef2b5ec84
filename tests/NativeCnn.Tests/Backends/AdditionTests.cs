using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class AdditionTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in OperationCases.PointWiseShapes
        from joinsGradients in (bool[])[false, true]
        let addition = new Addition(shape, joinsGradients)
        select new OperationCase(addition, $"{shape}, {addition.Pass}");

    [Theory, EveryBackend]
    public void Adds(string backend) =>
        Assert.Equal([11, 22], Compute(backend, new Addition(Shape.Vector(1, 2)), [1, 2], [10, 20])[0]);
}

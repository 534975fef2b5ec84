using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class AdditionTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in OperationCases.PointWiseShapes
        from addition in (Addition[])
            [
                new(shape),
                new(shape, joinsGradients: true),
                .. ActivationTests
                    .Kinds.Where(f => f != Activation.Identity)
                    .Select(f => new Addition(shape, activation: f)),
            ]
        select new OperationCase(addition, $"{shape}, {addition.Pass}, {addition.Activation}");

    [Theory, EveryBackend]
    public void Adds(string backend) =>
        Assert.Equal([11, 22], Compute(backend, new Addition(Shape.Vector(1, 2)), [1, 2], [10, 20])[0]);

    [Theory, EveryBackend]
    public void Finishes_with_an_activation(string backend) =>
        Assert.Equal(
            [0, 22, double.NaN],
            Compute(
                backend,
                new Addition(Shape.Vector(1, 3), activation: Activation.Relu),
                [1, 2, double.NaN],
                [-10, 20, 1]
            )[0]
        );
}

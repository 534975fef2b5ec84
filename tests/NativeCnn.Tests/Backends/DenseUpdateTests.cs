using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class DenseUpdateTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows
    {
        get
        {
            foreach ((Shape input, Shape weights) in DenseTests.Shapes)
            foreach (OperationCase update in Updates(weights))
            {
                DenseUpdate operation = new((UpdateOperation)update.Operation, input);
                OperationCase row = new(operation, $"{input}, {update.Name}", update.Scalars);
                foreach (string state in operation.Update.States)
                    row[state] = update[state];
                yield return row;
            }
            // So large that its operands are packed; no size is a multiple of a block.
            yield return Sgd(new(13, 1, 1, 1031), new(1021, 1, 1, 1031));
        }
    }

    private static OperationCase Sgd(Shape input, Shape weights)
    {
        OperationCase update = SgdTests.Updates(weights).First(row => row.Scalars is [0.01, not 0, 5e-4]);
        return new(
            new DenseUpdate((UpdateOperation)update.Operation, input),
            $"{input}, {update.Name}",
            update.Scalars
        );
    }

    // Every kind of update once or twice, with decay.
    private static IEnumerable<OperationCase> Updates(Shape weights) =>
        SgdTests
            .Updates(weights)
            .Concat(AdamTests.Updates(weights))
            .Where(row => row.Scalars is [0.01, _, 5e-4] or [_, _, _, _, 0.01, 2])
            .Concat(RmsPropTests.Updates(weights).Where(row => row.Scalars[^1] != 0))
            .Concat(AdagradTests.Updates(weights).Where(row => row.Scalars[^1] != 0))
            .Concat(DiagonalLevenbergMarquardtTests.Updates(weights).Where(row => row.Scalars[^1] != 0));

    // The same bits, or those of a sum in another order.
    [Theory, EveryBackend]
    public void Is_the_gradient_from_zero_and_then_the_update(string backend)
    {
        Shape input = new(3, 2, 3, 4);
        Shape weights = new(5, 2, 3, 4);
        var random = new Random(1);
        double[] x = Fillers.Uniform.Draw(random, input.Count);
        double[] dy = Fillers.Uniform.Draw(random, 3 * 5);
        DenseBackwardWeights backward = new(input, weights);
        double[] gradient = Compute(backend, backward, x, dy, new double[weights.Count])[0];
        foreach (OperationCase row in Updates(weights))
        {
            var update = (UpdateOperation)row.Operation;
            double[] Draw(Operand operand) => row[operand.Name].Draw(random, weights.Count);
            double[][] states = [.. update.Operands.Skip(1).Select(Draw)];
            double[][] expected = Compute(backend, row.Scalars, update, [gradient, .. states]);
            DenseUpdate fused = new(update, input);
            double[][] actual = Compute(backend, row.Scalars, fused, [x, dy, .. states]);
            foreach ((double[] one, double[] other) in expected.Zip(actual))
                Comparison.Close(one, other, Tolerance.OfSum(fused.SumLength), row.Name);
        }
    }
}

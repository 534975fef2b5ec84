using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Losses;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>The diagonal of each loss's second derivatives by the outputs.</summary>
public sealed class LossSecondDerivativesTests : IOperationRows
{
    // The registry: the losses that have them.
    private static readonly Dictionary<string, Func<Loss>> Losses = new()
    {
        ["half squared error"] = () => new NativeCnn.Losses.SquaredError(),
        ["squared error"] = () => new NativeCnn.Losses.SquaredError(1, -1, 1),
        ["softmax cross-entropy"] = () => new NativeCnn.Losses.SoftmaxCrossEntropy(),
        ["smoothed cross-entropy"] = () => new NativeCnn.Losses.SoftmaxCrossEntropy { Smoothing = 0.25 },
        ["logistic cross-entropy"] = () => new NativeCnn.Losses.LogisticCrossEntropy(),
    };

    private static readonly Dictionary<string, Func<Loss>> Refused = new()
    {
        ["HuberLoss"] = () => new NativeCnn.Losses.HuberLoss(),
        ["HingeLoss"] = () => new NativeCnn.Losses.HingeLoss(),
        ["SoftmaxCrossEntropy with class weights"] = () =>
            new NativeCnn.Losses.SoftmaxCrossEntropy { ClassWeights = [1, 2, 3, 4] },
    };

    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])[new(1, 1, 1, 1), new(5, 1, 1, 10), new(40, 1, 1, 768)]
        from operation in (LossSecondDerivatives[])
            [
                new SquaredErrorSecondDerivatives(shape, 0.5),
                new SquaredErrorSecondDerivatives(shape, 1),
                new SoftmaxCrossEntropySecondDerivatives(shape),
                new LogisticCrossEntropySecondDerivatives(shape),
            ]
        from count in ((int[])[(shape.BatchSize + 1) / 2, shape.BatchSize]).Distinct()
        let factor = operation is SquaredErrorSecondDerivatives squared ? $", factor {squared.Factor}" : ""
        select new OperationCase(operation, $"{shape}{factor}, {count} examples", count);

    public static TheoryData<string> Names => [.. Losses.Keys];

    public static TheoryData<string> RefusedNames => [.. Refused.Keys];

    [Fact]
    public void Every_loss_has_them_or_is_refused() =>
        Assert.Empty(
            EngineTypes.Of<Loss>().Except(Losses.Values.Concat(Refused.Values).Select(make => make().GetType()))
        );

    [Theory]
    [MemberData(nameof(Names))]
    public void They_are_the_differences_of_the_gradient(string name)
    {
        const double Step = 1e-5;
        Loss loss = Losses[name]();
        using var backend = new ManagedBackend(ElementType.Float64);
        Shape shape = Shape.Vector(2, 4);
        double[] y = Fillers.Uniform.Draw(new Random(3), shape.Count);
        double[] Gradient(int moved, double by)
        {
            double[] at = [.. y];
            at[moved] += by;
            using PreparedLoss prepared = loss.Prepare(backend, shape);
            using Tensor output = TensorValues.Tensor(shape, ElementType.Float64, at);
            using Tensor gradient = new(shape, ElementType.Float64);
            prepared.Evaluate(output, Targets.Classes([1, 3]), 1, gradient);
            return TensorValues.Read(gradient);
        }
        double[] expected =
        [
            .. Enumerable.Range(0, y.Length).Select(k => (Gradient(k, Step)[k] - Gradient(k, -Step)[k]) / (2 * Step)),
        ];
        double[] found = backend.Compute(loss.DeclareSecondDerivatives(shape), [y], 2)[0];
        Comparison.Close(expected, found, Tolerance.OfDifferences, name);
    }

    [Theory]
    [MemberData(nameof(RefusedNames))]
    public void A_loss_without_them_is_named(string name)
    {
        var e = Assert.Throws<NotSupportedException>(() =>
            Refused[name]().DeclareSecondDerivatives(Shape.Vector(1, 4))
        );
        Assert.StartsWith($"{name} has no second derivatives", e.Message, StringComparison.Ordinal);
    }

    [Theory, EveryBackend]
    public void Far_logits_give_small_numbers_and_none_that_is_not_one(string backend)
    {
        Shape shape = Shape.Vector(1, 3);
        double small = Math.Exp(-20);
        foreach (
            double[] found in (double[][])
                [
                    Compute(backend, [1], new SoftmaxCrossEntropySecondDerivatives(shape), [80, 60, -1000])[0],
                    Compute(backend, [1], new LogisticCrossEntropySecondDerivatives(shape), [20, -20, -1000])[0],
                ]
        )
            Comparison.Close([small, small, 0], found, new Tolerance(1e-30, 1e-6), "second derivatives");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(0.5)]
    [InlineData(double.NaN)]
    public void Impossible_numbers_of_examples_are_refused(double count)
    {
        SoftmaxCrossEntropySecondDerivatives operation = new(Shape.Vector(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Compute("native", [count], operation, [1, 2]));
    }

    [Fact]
    public void Other_factors_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SquaredErrorSecondDerivatives(Shape.Vector(1, 1), 0.7));
}

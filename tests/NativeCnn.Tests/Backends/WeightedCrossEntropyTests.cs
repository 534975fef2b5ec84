using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class WeightedCrossEntropyTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in SoftmaxTests.Vectors
        from logits in SoftmaxTests.Logits
        from count in ((int[])[(shape.BatchSize + 1) / 2, shape.BatchSize]).Distinct()
        from smoothing in (double[])[0, 0.125]
        from weights in (double[]?[])[null, Weights(shape.Channels)]
        from wantsGradient in (bool[])[true, false]
        let targets = Probabilities(shape, count)
        let kind = $"{logits.Name} logits, {count} examples, smoothing {smoothing}, {(weights is null ? "equal" : "own")} weights"
        select new OperationCase(
            new WeightedCrossEntropy(shape, smoothing, weights, wantsGradient),
            $"{shape}, {kind}{(wantsGradient ? "" : ", loss only")}",
            1.0 / shape.BatchSize,
            count
        )
        {
            ["output"] = logits.Filler,
            ["targets"] = targets,
            DerivativeOf =
                logits.Name == "small" && wantsGradient
                    ? new(new WeightedCrossEntropy(shape, smoothing, weights, wantsGradient: false), "", 1, count)
                    {
                        ["output"] = Fillers.Between(-3, 3),
                        ["targets"] = targets,
                    }
                    : null,
        };

    [Theory, EveryBackend]
    public void The_targets_are_mixed_with_all_classes_and_then_weighted(string backend)
    {
        // p = 1/6, 2/6, 3/6; t = 0, 0, 1 becomes 0.1, 0.1, 0.8 and with the weights u = 0.1, 0.2, 3.2.
        double[] logits = [Math.Log(1), Math.Log(2), Math.Log(3)];
        WeightedCrossEntropy loss = new(Shape.Vector(1, 3), 0.3, [1, 2, 4], wantsGradient: true);
        double[][] written = Compute(backend, [2, 1], loss, logits, [0, 0, 1]);
        double expected = 0.1 * Math.Log(6) + 0.2 * Math.Log(3) + 3.2 * Math.Log(2);
        Comparison.Close([expected], written[0], Tolerance.OfSum(4), "loss");
        double[] gradient = [.. new[] { 3.5 / 6 - 0.1, 7.0 / 6 - 0.2, 10.5 / 6 - 3.2 }.Select(g => 2 * g)];
        Comparison.Close(gradient, written[1], Tolerance.OfSum(4), "gradient");
    }

    [Theory, EveryBackend]
    public void Without_smoothing_and_weights_it_is_softmax_cross_entropy(string backend)
    {
        double[] logits = [1, -2, 3, 0.5, double.NegativeInfinity, -1];
        double[] targets = [0.25, 0.25, 0.5, 1, 0, 0];
        Shape shape = Shape.Vector(2, 3);
        double[][] plain = Compute(backend, [0.5, 2], new SoftmaxCrossEntropy(shape, true, true), logits, targets);
        WeightedCrossEntropy weighted = new(shape, 0, null, true);
        double[][] written = Compute(backend, [0.5, 2], weighted, logits, targets);
        Comparison.Close(plain[0], written[0], Tolerance.OfSum(4), "losses");
        Comparison.Close(plain[1], written[1], Tolerance.OfSum(4), "gradient");
        written = Compute(backend, [0.5, 2], weighted, [1, double.NaN, 3, 1, 2, 3], targets);
        Assert.True(double.IsNaN(written[0][0]) && double.IsFinite(written[0][1]));
        Assert.All(written[1][..3], gradient => Assert.True(double.IsNaN(gradient)));
    }

    [Theory]
    [InlineData(-0.1, 1, "smoothing")]
    [InlineData(1.1, 1, "smoothing")]
    [InlineData(double.NaN, 1, "smoothing")]
    [InlineData(0, 0, "classWeights")]
    [InlineData(0, double.NaN, "classWeights")]
    [InlineData(0, double.PositiveInfinity, "classWeights")]
    public void Numbers_out_of_range_are_refused(double smoothing, double weight, string name)
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new WeightedCrossEntropy(Shape.Vector(2, 2), smoothing, [1, weight], false)
        );
        Assert.Equal(name, e.ParamName);
    }

    [Fact]
    public void Maps_and_another_number_of_weights_and_rows_that_are_no_probabilities_are_refused()
    {
        Assert.Throws<ShapeException>(() => new WeightedCrossEntropy(new Shape(2, 2, 1, 3), 0, null, false));
        var shape = Assert.Throws<ShapeException>(() => new WeightedCrossEntropy(Shape.Vector(2, 3), 0, [1, 2], false));
        Assert.Contains("2 class weights for the 3 classes", shape.Message, StringComparison.Ordinal);
        WeightedCrossEntropy loss = new(Shape.Vector(1, 2), 0.1, null, false);
        Assert.Throws<ArgumentOutOfRangeException>(() => Compute("native", [1, 1], loss, [0, 0], [0.5, 0.75]));
    }

    private static double[] Weights(int classes) => [.. Enumerable.Range(0, classes).Select(c => 0.25 * (1 + c % 7))];

    private static Filler Probabilities(Shape shape, int count) =>
        (random, rows) =>
        {
            double[] logits = Fillers.Uniform.Draw(random, shape.Count);
            Compute("managed", new SoftmaxForward(shape), logits)[0].CopyTo(rows);
            rows[(count * shape.Channels)..].Fill(double.NaN);
        };
}

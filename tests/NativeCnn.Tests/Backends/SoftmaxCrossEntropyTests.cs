using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class SoftmaxCrossEntropyTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in SoftmaxTests.Vectors
        from logits in SoftmaxTests.Logits
        from hasProbabilities in (bool[])[false, true]
        from count in ((int[])[shape.BatchSize, shape.BatchSize / 2]).Distinct()
        from wantsGradient in (bool[])[true, false]
        let targets = hasProbabilities ? Probabilities(shape, count) : Labels(shape, count)
        let kind = $"{logits.Name} logits, {count} {(hasProbabilities ? "rows of probabilities" : "labels")}"
        select new OperationCase(
            new SoftmaxCrossEntropy(shape, hasProbabilities, wantsGradient),
            $"{shape}, {kind}{(wantsGradient ? "" : ", loss only")}",
            1.0 / shape.BatchSize,
            count
        )
        {
            ["output"] = logits.Filler,
            ["targets"] = targets,
            DerivativeOf =
                logits.Name == "small" && wantsGradient
                    ? new(new SoftmaxCrossEntropy(shape, hasProbabilities, wantsGradient: false), "", 1, count)
                    {
                        ["output"] = Fillers.Between(-3, 3),
                        ["targets"] = targets,
                    }
                    : null,
        };

    [Theory, EveryBackend]
    public void The_loss_of_an_example_is_the_logarithm_of_its_share(string backend)
    {
        double[] logits = [Math.Log(1), Math.Log(2), Math.Log(3), 1000, 0, -1000];
        SoftmaxCrossEntropy loss = new(Shape.Vector(2, 3), hasProbabilities: false, wantsGradient: true);
        double[][] written = Compute(backend, [0.5, 2], loss, logits, [2, 1]);
        // −log(3/6)
        Comparison.Close([Math.Log(2), 1000], written[0], Tolerance.OfSum(4), "losses");
        Comparison.Close([1 / 12d, 2 / 12d, -3 / 12d, 0.5, -0.5, 0], written[1], Tolerance.OfSum(4), "gradient");
    }

    [Theory, EveryBackend]
    public void A_row_of_probabilities_that_are_0_and_1_is_a_label(string backend)
    {
        double[] logits = [1, -2, 3, 0.5, 0, -1];
        Shape shape = Shape.Vector(2, 3);
        double[][] labelled = Compute(backend, [0.5, 2], new SoftmaxCrossEntropy(shape, false, true), logits, [2, 1]);
        double[] targets = [0, 0, 1, 0, 1, 0];
        double[][] written = Compute(backend, [0.5, 2], new SoftmaxCrossEntropy(shape, true, true), logits, targets);
        Comparison.Close(labelled[0], written[0], Tolerance.OfSum(4), "losses");
        Comparison.Close(labelled[1], written[1], Tolerance.OfSum(4), "gradient");
    }

    [Theory, EveryBackend]
    public void The_gradient_keeps_its_digits_where_a_share_is_near_1(string backend)
    {
        double[] logits = [0, 20, -1];
        double others = (1 + Math.Exp(-1)) / (Math.Exp(20) + 1 + Math.Exp(-1));
        Shape shape = Shape.Vector(1, 3);
        double[][] labelled = Compute(backend, [1, 1], new SoftmaxCrossEntropy(shape, false, true), logits, [1]);
        double[][] written = Compute(backend, [1, 1], new SoftmaxCrossEntropy(shape, true, true), logits, [0, 1, 0]);
        Assert.InRange(labelled[1][1] / -others, 1 - 1e-6, 1 + 1e-6);
        Assert.InRange(written[1][1] / -others, 1 - 1e-6, 1 + 1e-6);
    }

    [Theory, EveryBackend]
    public void Targets_that_are_none_and_more_examples_than_there_are_are_refused(string backend)
    {
        void Refused(bool hasProbabilities, double[] targets, double scale, double count, params string[] words)
        {
            SoftmaxCrossEntropy loss = new(Shape.Vector(2, 10), hasProbabilities, wantsGradient: false);
            var e = Assert.Throws<ArgumentOutOfRangeException>(() =>
                Compute(backend, [scale, count], loss, new double[20], targets)
            );
            Assert.StartsWith("SoftmaxCrossEntropy: ", e.Message, StringComparison.Ordinal);
            Assert.All(words, word => Assert.Contains(word, e.Message, StringComparison.Ordinal));
        }
        Refused(false, [3, 10], 1, 2, "label 1 is 10", "0 to 9");
        Refused(false, [-1, 0], 1, 1, "label 0 is -1");
        Refused(false, [1, 2], 1, 3, "3 examples", "0 to 2");
        Refused(false, [1, 2], 1, -1, "-1 examples");
        Refused(false, [1, 2], 1, 1.5, "1.5 examples");
        Refused(false, [1, 2], 1, double.NaN, "NaN examples");
        Refused(false, [1, 2], double.NaN, 1, "NaN");
        Refused(false, [1, 2], 1e300, 1, "scale");
        double[] even = [.. Enumerable.Repeat(0.1, 10)];
        Refused(true, [.. even, .. even.Append(0.1).Skip(2).Prepend(0.5)], 1, 2, "row 1", "sums to 1.4");
        Refused(true, [-0.5, 0.7, .. even[2..], .. even], 1, 1, "row 0", "-0.5 for class 0");
        Refused(true, [double.NaN, .. even[1..], .. even], 1, 1, "row 0", "NaN for class 0");
        Assert.Throws<ShapeException>(() => new SoftmaxCrossEntropy(new(2, 1, 2, 3), false, false));
    }

    // Targets of examples that do not count are no targets.
    private static Filler Labels(Shape shape, int count) =>
        (_, labels) =>
        {
            for (int n = 0; n < labels.Length; n++)
                labels[n] = n < count ? n * 7 % shape.Channels : -1;
        };

    private static Filler Probabilities(Shape shape, int count) =>
        (random, rows) =>
        {
            double[] logits = Fillers.Uniform.Draw(random, shape.Count);
            Compute("managed", new SoftmaxForward(shape), logits)[0].CopyTo(rows);
            rows[(count * shape.Channels)..].Fill(double.NaN);
        };
}

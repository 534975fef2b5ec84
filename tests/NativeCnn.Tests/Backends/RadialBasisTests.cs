using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>Radial basis units: their rows, values by hand, LeNet-5's codes, and what is refused.</summary>
public sealed class RadialBasisTests : IOperationRows, INetworkRows
{
    public static IEnumerable<OperationCase> Rows =>
        from sizes in ((Shape Input, int Units)[])
            [
                (new(1, 1, 1, 1), 1),
                (new(3, 2, 3, 3), 4),
                (new(64, 1, 1, 84), 10),
                (new(300, 1, 1, 19), 200),
                (new(2, 1, 1, 5000), 3),
            ]
        from isNegated in (bool[])[false, true]
        let details = $"{sizes.Input}, {sizes.Units} units{(isNegated ? ", negated" : "")}"
        let forward = new OperationCase(new RadialBasisForward(sizes.Input, sizes.Units, isNegated), details)
        from row in (OperationCase[])
            [
                forward,
                new(new RadialBasisBackwardData(sizes.Input, sizes.Units, isNegated), details)
                {
                    DerivativeOf = forward,
                },
                new(new RadialBasisBackwardCentres(sizes.Input, sizes.Units, isNegated), details)
                {
                    DerivativeOf = forward,
                },
                new(
                    new RadialBasisBackwardData(sizes.Input, sizes.Units, isNegated, isSquared: true),
                    $"{details}, squared"
                ),
                new(
                    new RadialBasisBackwardCentres(sizes.Input, sizes.Units, isNegated, isSquared: true),
                    $"{details}, squared"
                ),
            ]
        select row;

    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["radial basis units"] = () =>
                NetworkBuilder
                    .Start(5, 5, 2)
                    .Convolution(3, 3)
                    .Tanh()
                    .RadialBasis(6)
                    .Tanh()
                    .Add(new RadialBasis(5) { IsNegated = true })
                    .Build(35),
        };

    [Theory, EveryBackend]
    public void They_are_squared_distances(string backend)
    {
        double[] x = [1, 2, 3];
        double[] w = [1, 2, 3, 0, 0, 0];
        Shape input = Shape.Vector(1, 3);
        Assert.Equal([0, 14], Compute(backend, new RadialBasisForward(input, 2), x, w)[0]);
        Assert.Equal([20, 40, 60], Compute(backend, new RadialBasisBackwardData(input, 2), x, w, [5, 10])[0]);
        double[] dw = [100, 100, 100, 100, 100, 100];
        Assert.Equal(
            [100, 100, 100, 80, 60, 40],
            Compute(backend, new RadialBasisBackwardCentres(input, 2), x, w, [5, 10], dw)[0]
        );
    }

    [Theory, EveryBackend]
    public void Second_derivatives_are_four_times_the_squared_differences(string backend)
    {
        double[] x = [1, 2, 3];
        double[] w = [1, 2, 4, 0, 0, 0];
        Shape input = Shape.Vector(1, 3);
        foreach (bool isNegated in (bool[])[false, true])
        {
            var data = new RadialBasisBackwardData(input, 2, isNegated, isSquared: true);
            Assert.Equal([40, 160, 380], Compute(backend, data, x, w, [5, 10])[0]);
            var centres = new RadialBasisBackwardCentres(input, 2, isNegated, isSquared: true);
            double[] dw = [100, 100, 100, 100, 100, 100];
            Assert.Equal([100, 100, 120, 140, 260, 460], Compute(backend, centres, x, w, [5, 10], dw)[0]);
        }
    }

    /// <summary>Terms of one sign, which no random signs keep small.</summary>
    [Fact]
    public void A_sum_of_a_million_squares_is_some_units_off()
    {
        Shape input = Shape.Vector(1, 1_000_003);
        double[] x = [.. Fillers.Between(0, 1).Draw(new Random(1), input.Count)];
        double y = Compute("native", new RadialBasisForward(input, 1), x, new double[input.Count])[0][0];
        Comparison.Close([x.Sum(value => value * value)], [y], new Tolerance(0, 16 * Tolerance.Rounding), "sum");
    }

    [Fact]
    public void The_digits_codes_are_bitmaps_of_which_no_two_are_alike()
    {
        using Network network = NetworkBuilder
            .Start(1, 1, 84)
            .Add(new RadialBasis(10) { HasDigitCodes = true, IsLearned = false })
            .Build(1);
        Parameter centres = network.Parameters[0];
        Assert.Equal(ParameterRole.State, centres.Role);
        double[] w = TensorValues.Read(centres.Value);
        Assert.All(w, value => Assert.Equal(1, Math.Abs(value)));
        // The lowest two rows are empty, and between any two digits some pixels differ.
        for (int a = 0; a < 10; a++)
        {
            Assert.All(w.Skip(a * 84 + 70).Take(14), value => Assert.Equal(-1, value));
            for (int b = 0; b < a; b++)
                Assert.InRange(Enumerable.Range(0, 84).Count(k => w[a * 84 + k] != w[b * 84 + k]), 5, 60);
        }
        // The stroke of 1, and the hole of 0.
        Assert.Equal([-1, -1, -1, 1, 1, -1, -1], w.Skip(84 + 4 * 7).Take(7));
        Assert.Equal([1, 1, -1, -1, -1, 1, 1], w.Skip(4 * 7).Take(7));
    }

    [Fact]
    public void Fixed_centres_stay_where_they_are_and_learned_ones_move()
    {
        foreach (bool isLearned in (bool[])[false, true])
        {
            using Network network = NetworkBuilder
                .Start(3, 3, 1)
                .Dense(84)
                .Tanh()
                .Add(new RadialBasis(10) { HasDigitCodes = true, IsLearned = isLearned })
                .Build(2);
            double[][] before = NetworkCases.Values(network);
            using Tensor input = NetworkCases.Input(network, 4, 1);
            using var backend = new NativeBackend(2);
            using var step = new TrainingStep(
                network,
                backend,
                4,
                new NativeCnn.Losses.SquaredError(),
                new Sgd { LearningRate = 1e-5f }
            );
            step.Run(input, Targets.Classes([0, 1, 2, 3]));
            double[][] after = NetworkCases.Values(network);
            Assert.NotEqual(before[0], after[0]);
            Assert.Equal(isLearned, !before[2].SequenceEqual(after[2]));
        }
    }

    [Fact]
    public void Codes_for_other_sizes_and_no_units_are_refused_by_name()
    {
        static void Refused(Shape input, RadialBasis layer, string rule)
        {
            var e = Assert.Throws<ShapeException>(() => NetworkBuilder.Start(input).Add(layer));
            Assert.Contains("'radial-basis1'", e.Message, StringComparison.Ordinal);
            Assert.Contains(rule, e.Message, StringComparison.Ordinal);
        }
        Refused(Shape.Vector(1, 83), new RadialBasis(10) { HasDigitCodes = true }, "10 units and 84 values");
        Refused(Shape.Vector(1, 84), new RadialBasis(9) { HasDigitCodes = true }, "10 units and 84 values");
        Refused(Shape.Vector(1, 84), new RadialBasis(0), "0");
    }
}

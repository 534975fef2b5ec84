using NativeCnn.Backends.Native;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>The sparsity penalty of learned combinations: its rows, and that it is a constant.</summary>
public sealed class CombinationSparsityTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])[Shape.Vector(1, 1), Shape.Vector(6, 3), Shape.Vector(200, 130)]
        let details = $"{shape}"
        let penalty = new NativeCnn.Backends.Operations.CombinationSparsity(shape)
        select new OperationCase(penalty, details, 0.25) { DerivativeOf = new(penalty, details, 0.25) };

    [Theory, EveryBackend]
    public void Shares_sum_to_the_number_of_output_maps_and_draw_nothing(string backend)
    {
        var penalty = new NativeCnn.Backends.Operations.CombinationSparsity(Shape.Vector(2, 3));
        double[] dc = [1, 2, 3, 4, 5, 6];
        double[][] written = Compute(backend, [0.5], penalty, [1, -2, 3, 800, 800, -800], dc);
        Comparison.Close(dc, written[0], Tolerance.OfSum(4), "gradient");
        Comparison.Close([1], written[1], Tolerance.OfSum(4), "sum");
    }

    [Fact]
    public void It_is_on_combinations_alone_and_added_to_the_loss()
    {
        static double Loss(params Penalty[] penalties)
        {
            using Network network = NetworkBuilder.Start(6, 6, 2).MapCombination(3, 3).Tanh().Dense(5).Build(3);
            using Tensor input = NetworkCases.Input(network, 2, 1);
            using var backend = new NativeBackend(2);
            using var step = new TrainingStep(
                network,
                backend,
                2,
                new NativeCnn.Losses.SoftmaxCrossEntropy(),
                new Sgd { LearningRate = 0.1f },
                penalties
            );
            StepResult result = step.Run(input, Targets.Classes([1, 2]));
            return result.Loss + result.Penalty;
        }
        double with = Loss(new NativeCnn.Losses.CombinationSparsity(0.5));
        Comparison.Close([Loss() + 1.5], [with], new Tolerance(1e-6, 0), "loss");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(1e300)]
    public void Strengths_that_mean_nothing_are_refused(double strength)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeCnn.Losses.CombinationSparsity(strength));
        var penalty = new NativeCnn.Backends.Operations.CombinationSparsity(Shape.Vector(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Compute("native", [strength], penalty, [1], [1]));
    }
}

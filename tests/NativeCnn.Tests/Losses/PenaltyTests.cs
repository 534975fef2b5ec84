using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
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
using SoftmaxCrossEntropy = NativeCnn.Losses.SoftmaxCrossEntropy;
using WeightPenalty = NativeCnn.Losses.WeightPenalty;

namespace NativeCnn.Tests.Losses;

public sealed class PenaltyTests
{
    private static readonly int[] Labels = [0, 1, 2];

    // The registry: a new penalty adds a row, with its value and gradient at a weight.
    private static readonly Dictionary<string, (Penalty Penalty, Func<double, double> Value)> Rows = new()
    {
        ["L1"] = (new WeightPenalty(WeightPenaltyKind.L1, 0.3), w => 0.3 * Math.Abs(w)),
        ["L2"] = (new WeightPenalty(WeightPenaltyKind.L2, 0.3), w => 0.15 * w * w),
        // This network has no combinations; CombinationSparsityTests have one that has.
        ["sparsity of combinations"] = (new NativeCnn.Losses.CombinationSparsity(0.3), _ => 0),
        ["L2 on biases too"] = (new OnEverything(), w => 0.125 * w * w),
    };

    public static TheoryData<string> Names => [.. Rows.Keys];

    [Fact]
    public void Every_penalty_has_a_row() =>
        Assert.Empty(EngineTypes.Of<Penalty>().Except(Rows.Values.Select(row => row.Penalty.GetType())));

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_and_gradient_agree_with_central_differences(string name)
    {
        using var backend = new ManagedBackend(ElementType.Float64);
        using Network network = Create();
        using CompiledNetwork compiled = network.Compile(backend, 3, Phase.Training);
        using PreparedLoss loss = new SoftmaxCrossEntropy().Prepare(backend, compiled.Output.Shape);
        using var penalties = new PreparedPenalties(backend, [Rows[name].Penalty], compiled.Parameters);
        using Tensor input = new(network.InputShape.WithBatchSize(3), ElementType.Float64);
        NetworkCases.Input(network, 3, 1).CopyTo(input);
        double Sum()
        {
            compiled.ZeroGradients();
            compiled.Forward(input);
            double sum = loss.Evaluate(compiled.Output, Targets.Classes(Labels), 1, compiled.OutputGradient);
            compiled.Backward();
            return sum + penalties.Evaluate();
        }
        foreach (ParameterSlot slot in compiled.Parameters)
            for (int i = 0; i < slot.Value.Count; i++)
            {
                double original = slot.Value.AsSpan<double>()[i];
                slot.Value.AsSpan<double>()[i] = original + Tolerance.DifferenceStep;
                double above = Sum();
                slot.Value.AsSpan<double>()[i] = original - Tolerance.DifferenceStep;
                double below = Sum();
                slot.Value.AsSpan<double>()[i] = original;
                Sum();
                double gradient = slot.Gradient!.AsSpan<double>()[i];
                double expected = (above - below) / (2 * Tolerance.DifferenceStep);
                Comparison.Close(expected, gradient, Tolerance.OfDifferences, $"{slot.Parameter.Name}[{i}]");
            }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_reports_the_sum_beside_the_loss(string name)
    {
        (Penalty penalty, Func<double, double> value) = Rows[name];
        (StepResult managed, double[][] expected) = Train(new ManagedBackend(), penalty);
        (StepResult native, double[][] values) = Train(new NativeBackend(2), penalty);
        (StepResult plain, _) = Train(new ManagedBackend());
        using Network network = Create();
        double sum = network.Parameters.Where(penalty.AppliesTo).SelectMany(p => TensorValues.Read(p.Value)).Sum(value);
        Assert.Equal(sum, managed.Penalty, 1e-6);
        Assert.Equal(sum, native.Penalty, 1e-6);
        Assert.Equal(plain.Loss, managed.Loss);
        Assert.Equal(0, plain.Penalty);
        for (int p = 0; p < values.Length; p++)
            Comparison.Close(expected[p], values[p], new Tolerance(1e-6, 0), name);
    }

    [Fact]
    public void Filters_and_weights_are_penalised_and_biases_are_not()
    {
        using Network network = Create();
        string[] penalised = [.. network.Parameters.Where(Rows["L2"].Penalty.AppliesTo).Select(p => p.Name)];
        Assert.Equal(["convolution1.weight", "dense1.weight"], penalised);
    }

    [Fact]
    public void Several_penalties_add_up_and_L2_is_weight_decay()
    {
        WeightPenalty half = new(WeightPenaltyKind.L2, 0.25);
        (StepResult once, double[][] expected) = Train(
            new NativeBackend(2),
            new WeightPenalty(WeightPenaltyKind.L2, 0.5)
        );
        (StepResult twice, double[][] values) = Train(new NativeBackend(2), half, half);
        Assert.Equal(once.Penalty, twice.Penalty, 1e-6);
        (_, double[][] decayed) = Train(new NativeBackend(2), weightDecay: 0.5f);
        for (int p = 0; p < values.Length; p++)
        {
            Comparison.Close(expected[p], values[p], new Tolerance(1e-6, 0), "twice");
            Comparison.Close(expected[p], decayed[p], new Tolerance(1e-6, 0), "decay");
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void An_impossible_strength_is_refused_where_it_is_given(double strength) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WeightPenalty(WeightPenaltyKind.L1, strength));

    private static (StepResult First, double[][] Values) Train(Backend backend, params Penalty[] penalties) =>
        Train(backend, 0, penalties);

    // Three steps; weights decay, biases do not.
    private static (StepResult First, double[][] Values) Train(
        Backend backend,
        float weightDecay,
        params Penalty[] penalties
    )
    {
        using Network network = Create();
        foreach (Parameter parameter in network.Parameters.Where(p => p.Shape.Outputs == 1))
            parameter.WeightDecayFactor = 0;
        var sgd = new Sgd { WeightDecay = weightDecay };
        using (backend)
        using (var step = new TrainingStep(network, backend, 3, new SoftmaxCrossEntropy(), sgd, penalties))
        using (Tensor input = NetworkCases.Input(network, 3, 1))
        {
            StepResult first = step.Run(input, Targets.Classes(Labels));
            step.Run(input, Targets.Classes(Labels));
            step.Run(input, Targets.Classes(Labels));
            return (first, NetworkCases.Values(network));
        }
    }

    private static Network Create()
    {
        Network network = NetworkBuilder.Start(4, 4, 1).Convolution(2, 3).Tanh().Dense(3).Build(6);
        // So that a penalty on biases would show.
        foreach (Parameter parameter in network.Parameters.Where(p => p.Shape.Outputs == 1))
            parameter.Value.Span.Fill(0.5f);
        return network;
    }

    private sealed class OnEverything : Penalty
    {
        public override bool AppliesTo(Parameter parameter) => parameter.Role == ParameterRole.Trained;

        public override Operation Declare(Shape parameter) =>
            new NativeCnn.Backends.Operations.WeightPenalty(WeightPenaltyKind.L2, parameter);

        public override void WriteScalars(Span<double> scalars) => scalars[0] = 0.25;
    }
}

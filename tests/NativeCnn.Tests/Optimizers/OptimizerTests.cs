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
using NativeCnn.Tests.Backends;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;
using SoftmaxCrossEntropy = NativeCnn.Losses.SoftmaxCrossEntropy;
using WeightPenalty = NativeCnn.Losses.WeightPenalty;

namespace NativeCnn.Tests.Optimizers;

/// <summary>What holds for every optimiser, whether layers take its steps in their backward pass or not.</summary>
public sealed class OptimizerTests
{
    // With 256 inputs, 256 units have the 2¹⁶ weights from which on the step is fused.
    private const int Fused = 256;
    private const int NotFused = 255;

    private static readonly int[] Labels = [0, 1, 2, 1];

    // The registry: a new optimiser adds a row, as the options say, and its formula below.
    private static readonly Dictionary<string, Func<Options, Optimizer>> Makers = new()
    {
        ["SGD"] = o => new Sgd { LearningRate = o.Rate, WeightDecay = o.Decay },
        ["momentum"] = o => MakeSgd(o, isNesterov: false),
        ["Nesterov"] = o => MakeSgd(o, isNesterov: true),
        ["Adam"] = o => MakeAdam(o, isDecoupled: false),
        ["AdamW"] = o => MakeAdam(o, isDecoupled: true),
        ["RMSProp"] = o => MakeRmsProp(o, momentum: 0),
        ["RMSProp with momentum"] = o => MakeRmsProp(o, o.Momentum),
        ["Adagrad"] = o => new Adagrad
        {
            LearningRate = o.Rate,
            WeightDecay = o.Decay,
            Epsilon = o.Epsilon,
        },
        ["diagonal Levenberg–Marquardt"] = o => new DiagonalLevenbergMarquardt
        {
            LearningRate = o.Rate,
            WeightDecay = o.Decay,
            // Without an estimate of second derivatives it is all that the rate is divided by.
            Damping = Math.Max(o.Epsilon, 0.5f),
        },
    };

    // Two gradients, and what two steps from w = 1 with η = λ = μ = β₁ = ½, β₂ = ¾ and ε = 1 make of it.
    private static readonly Dictionary<string, (double[] Gradients, double[] Values)> Formulas = new()
    {
        // w₁ = 1 − ½(½ + ½), w₂ = ½ − ½(¼ + ¼)
        ["SGD"] = ([0.5, 0.25], [0.5, 0.25]),
        // v₁ = 1, w₁ = 1 − ½; v₂ = ½ + (¼ + ¼), w₂ = ½ − ½
        ["momentum"] = ([0.5, 0.25], [0.5, 0]),
        // v₁ = 1, w₁ = 1 − ½(1 + ½); v₂ = ½ + (¼ + ⅛), w₂ = ¼ − ½(⅜ + ½·⅞)
        ["Nesterov"] = ([0.5, 0.25], [0.25, -0.15625]),
        // g' = 1: m₁ = ½ and v₁ = ¼, corrected 1 and 1, w₁ = 1 − ½ · 1/(1 + 1);
        // g' = 2⅛ + ½·¾ = 2½: m₂ = 1½ and v₂ = 1¾, corrected 2 and 4, w₂ = ¾ − ½ · 2/(2 + 1)
        ["Adam"] = ([0.5, 2.125], [0.75, 0.75 - 1.0 / 3]),
        // As Adam with g' = g, and weights that decay to ¾ first.
        ["AdamW"] = ([1, 2.5], [0.75 - 0.25, 0.75 * 0.5 - 1.0 / 3]),
        // g' = 2: s₁ = ¼ · 4, w₁ = 1 − ½ · 2/(1 + 1); g' = 1 + ¼: s₂ = ¾ + ¼ · (1¼)²
        ["RMSProp"] = ([1.5, 1], [0.5, 0.5 - 0.5 * 1.25 / (Math.Sqrt(0.75 + 0.25 * 1.5625) + 1)]),
        // As before with v₁ = 1, and v₂ = ½ + the quotient.
        ["RMSProp with momentum"] = ([1.5, 1], [0.5, 0.25 - 0.5 * 1.25 / (Math.Sqrt(0.75 + 0.25 * 1.5625) + 1)]),
        // g' = 1: s₁ = 1, w₁ = 1 − ½ · 1/(1 + 1); g' = √3: s₂ = 4, w₂ = ¾ − ½ · √3/(2 + 1)
        ["Adagrad"] = ([0.5, Math.Sqrt(3) - 0.375], [0.75, 0.75 - Math.Sqrt(3) / 6]),
        // h = 0 and μ = 1: as SGD.
        ["diagonal Levenberg–Marquardt"] = ([0.5, 0.25], [0.5, 0.25]),
    };

    private sealed record Options(float Rate, float Decay, float Momentum, float Beta2, float Epsilon)
    {
        // ε is so large that the sign of a gradient near 0 decides nothing.
        public static Options Usual { get; } = new(0.05f, 0.01f, 0.9f, 0.99f, 0.01f);
    }

    public static TheoryData<string> Names => [.. Makers.Keys];

    public static IEnumerable<object[]> NamesAndBackends =>
        from name in Makers.Keys
        from backend in TestBackends.Names
        select new object[] { name, backend };

    public static IEnumerable<object[]> NamesAndUnits =>
        from name in Makers.Keys
        from units in (int[])[Fused, NotFused]
        select new object[] { name, units };

    [Fact]
    public void Every_optimiser_has_a_row() =>
        Assert.Empty(EngineTypes.Of<Optimizer>().Except(Makers.Values.Select(make => make(Options.Usual).GetType())));

    [Theory]
    [MemberData(nameof(NamesAndBackends))]
    public void Two_steps_are_those_worked_by_hand(string name, string backendName)
    {
        (double[] gradients, double[] values) = Formulas[name];
        using Backend backend = TestBackends.Create(backendName);
        using Network network = NetworkBuilder.Start(1, 1, 1).Add(new Dense(1) { Bias = false }).Build();
        network.Parameters[0].Value.Span[0] = 1;
        Optimizer optimizer = Makers[name](new Options(0.5f, 0.5f, 0.5f, 0.75f, 1));
        using CompiledNetwork compiled = network.Compile(backend, 1, Phase.Training, optimizer);
        using Tensor one = TensorValues.Tensor(network.InputShape, backend.ElementType, 1);
        for (int i = 0; i < gradients.Length; i++)
        {
            Assert.Equal(i, compiled.StepCount);
            compiled.ZeroGradients();
            compiled.Forward(one);
            TensorValues.Write([gradients[i]], compiled.OutputGradient);
            compiled.Backward();
            compiled.Update();
            Assert.Equal(values[i], TensorValues.Read(compiled.Parameters[0].Value)[0], 1e-7);
        }
    }

    [Theory]
    [MemberData(nameof(NamesAndUnits))]
    public void Native_follows_managed_and_fused_steps_are_those_of_stored_gradients(string name, int units)
    {
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(2);
        Optimizer optimizer = Makers[name](Options.Usual);
        double[][] expected = Train(managed, optimizer, units, keepsGradients: true);
        foreach (Backend backend in (Backend[])[managed, native])
        foreach (bool keepsGradients in (bool[])[true, false])
            AssertClose(expected, Train(backend, optimizer, units, keepsGradients));
    }

    [Theory]
    [MemberData(nameof(NamesAndUnits))]
    public void A_parameters_own_factors_multiply_rate_and_decay(string name, int units)
    {
        using var native = new NativeBackend(2);
        Optimizer optimizer = Makers[name](Options.Usual);
        double[][] factors = Train(native, optimizer, units, learningRateFactor: 0.5f, weightDecayFactor: 3);
        Options usual = Options.Usual;
        Optimizer multiplied = Makers[name](usual with { Rate = usual.Rate * 0.5f, Decay = usual.Decay * 3 });
        Assert.Equal(Train(native, multiplied, units), factors);
        Assert.NotEqual(Train(native, optimizer, units), factors);
    }

    [Theory]
    [MemberData(nameof(NamesAndUnits))]
    public void A_rate_may_change_between_steps(string name, int units)
    {
        using var native = new NativeBackend(2);
        Optimizer optimizer = Makers[name](Options.Usual);
        double[][] before = Train(native, optimizer, units, steps: 2);
        Assert.Equal(before, Train(native, optimizer, units, steps: 5, lastStepWithRate: 1));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Large_dense_layers_take_the_step_unless_somebody_looks_at_the_gradients(string name)
    {
        using var native = new NativeBackend(2);
        Optimizer optimizer = Makers[name](Options.Usual);
        using Network large = Create(Fused);
        using Network small = Create(NotFused);
        using var step = new TrainingStep(large, native, 4, new SoftmaxCrossEntropy(), optimizer);
        Assert.Equal("dense1.weight", FusedParameter(step.Compiled));
        using CompiledNetwork unfused = small.Compile(native, 4, Phase.Training, optimizer);
        Assert.Null(FusedParameter(unfused));
        using CompiledNetwork kept = large.Compile(native, 4, Phase.Training, optimizer, keepsGradients: true);
        Assert.Null(FusedParameter(kept));
        Penalty[] penalties = [new WeightPenalty(WeightPenaltyKind.L2, 0.1)];
        using var penalised = new TrainingStep(large, native, 4, new SoftmaxCrossEntropy(), optimizer, penalties);
        Assert.Null(FusedParameter(penalised.Compiled));
    }

    [Fact]
    public void A_step_that_no_backend_can_fuse_is_taken_after_the_backward_pass()
    {
        using var native = new NativeBackend(2);
        using OwnBackend own = new OwnBackend().With<SignUpdate>(operands =>
        {
            ReadOnlySpan<float> gradient = operands[0]!.Span;
            Span<float> values = operands[1]!.Span;
            for (int i = 0; i < values.Length; i++)
                values[i] -= 0.125f * MathF.Sign(gradient[i]);
        });
        using var both = new CompositeBackend(own, native);
        using Network network = Create(Fused);
        double[][] before = NetworkCases.Values(network);
        using var step = new TrainingStep(network, both, 4, new SoftmaxCrossEntropy(), new SignDescent());
        Assert.Null(FusedParameter(step.Compiled));
        using Tensor input = NetworkCases.Input(network, 4, 1);
        step.Run(input, Targets.Classes(Labels));
        double[] change = [.. NetworkCases.Values(network)[0].Zip(before[0], (after, value) => after - value)];
        Assert.All(change, value => Assert.Equal(0.125, Math.Abs(value), 1e-6));
    }

    private static Sgd MakeSgd(Options options, bool isNesterov) =>
        new()
        {
            LearningRate = options.Rate,
            WeightDecay = options.Decay,
            Momentum = options.Momentum,
            IsNesterov = isNesterov,
        };

    private static RmsProp MakeRmsProp(Options options, float momentum) =>
        new()
        {
            LearningRate = options.Rate,
            WeightDecay = options.Decay,
            Smoothing = options.Beta2,
            // The first mean squares are small.
            Epsilon = Math.Max(options.Epsilon, 0.1f),
            Momentum = momentum,
        };

    private static Adam MakeAdam(Options options, bool isDecoupled) =>
        new()
        {
            LearningRate = options.Rate,
            WeightDecay = options.Decay,
            Beta1 = options.Momentum,
            Beta2 = options.Beta2,
            Epsilon = options.Epsilon,
            IsDecoupled = isDecoupled,
        };

    private static Network Create(int units) => NetworkBuilder.Start(1, 1, 256).Dense(units).Tanh().Dense(3).Build(5);

    private static double[][] Train(
        Backend backend,
        Optimizer optimizer,
        int units,
        bool keepsGradients = false,
        int steps = 5,
        int lastStepWithRate = int.MaxValue,
        float learningRateFactor = 1,
        float weightDecayFactor = 1
    )
    {
        using Network network = Create(units);
        foreach (Parameter parameter in network.Parameters)
        {
            parameter.LearningRateFactor = learningRateFactor;
            parameter.WeightDecayFactor = weightDecayFactor;
        }
        using CompiledNetwork compiled = network.Compile(backend, 4, Phase.Training, optimizer, keepsGradients);
        Assert.Equal(units == Fused && !keepsGradients ? "dense1.weight" : null, FusedParameter(compiled));
        using PreparedLoss loss = new SoftmaxCrossEntropy().Prepare(backend, compiled.Output.Shape);
        float rate = optimizer.LearningRate;
        for (int i = 0; i < steps; i++)
        {
            if (i > lastStepWithRate)
                optimizer.LearningRate = 0;
            using Tensor input = NetworkCases.Input(network, 4, (ulong)i);
            compiled.ZeroGradients();
            compiled.Forward(input);
            loss.Evaluate(compiled.Output, Targets.Classes(Labels), 0.25, compiled.OutputGradient);
            compiled.Backward();
            compiled.Update();
        }
        optimizer.LearningRate = rate;
        return NetworkCases.Values(network);
    }

    // The parameter whose gradient is not stored, and whose step is therefore an operation of its layer; null for none.
    private static string? FusedParameter(CompiledNetwork compiled)
    {
        int fused = compiled.Calls.Count(call => call.Operation is DenseUpdate);
        ParameterSlot? slot = compiled.Parameters.SingleOrDefault(slot => slot.Gradient is null);
        Assert.Equal(slot is null ? 0 : 1, fused);
        Assert.Equal(
            compiled.Parameters.Count - fused,
            compiled.Calls.Count(call => call.Operation is UpdateOperation)
        );
        return slot?.Parameter.Name;
    }

    private static void AssertClose(double[][] expected, double[][] values)
    {
        for (int p = 0; p < expected.Length; p++)
            Comparison.Close(expected[p], values[p], new Tolerance(1e-5, 0), $"parameter {p}");
    }

    /// <summary>w ← w − ⅛ sign g.</summary>
    private sealed class SignUpdate(Shape shape) : UpdateOperation(1, shape, [], []);

    private sealed class SignDescent : Optimizer
    {
        public override UpdateOperation Declare(Shape parameter) => new SignUpdate(parameter);

        public override void WriteScalars(Parameter parameter, long step, Span<double> scalars) { }
    }
}

using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;

namespace NativeCnn.Tests.Losses;

/// <summary>What holds for every loss and every kind of target that it is defined for.</summary>
public sealed class LossTests
{
    private const int Count = 3;
    private static readonly Shape Output = Shape.Vector(4, 5);

    // The registry: a new loss adds a row, with the kinds of targets that it is defined for.
    private static readonly Dictionary<string, (Func<Loss> Make, TargetKind[] Kinds)> Rows = new()
    {
        ["softmax cross-entropy"] = (() => new SoftmaxCrossEntropy(), [TargetKind.Classes, TargetKind.Probabilities]),
        ["softmax cross-entropy, smoothed and weighted"] = (
            () => new SoftmaxCrossEntropy { Smoothing = 0.1, ClassWeights = [1, 2, 0.5, 4, 1] },
            [TargetKind.Classes, TargetKind.Probabilities]
        ),
        ["logistic cross-entropy"] = (() => new LogisticCrossEntropy(), Enum.GetValues<TargetKind>()),
        ["Huber"] = (() => new HuberLoss(), Enum.GetValues<TargetKind>()),
        ["hinge"] = (() => new HingeLoss(), [TargetKind.Classes]),
        ["squared error"] = (() => new SquaredError(), Enum.GetValues<TargetKind>()),
        ["squared error, factor 1, −1 to 1"] = (() => new SquaredError(1, -1, 1), Enum.GetValues<TargetKind>()),
    };

    public static TheoryData<string> Names => [.. Rows.Keys];

    public static IEnumerable<object[]> NamesAndKinds =>
        from row in Rows
        from kind in row.Value.Kinds
        select new object[] { row.Key, kind };

    [Fact]
    public void Every_loss_has_a_row() =>
        Assert.Empty(EngineTypes.Of<Loss>().Except(Rows.Values.Select(row => row.Make().GetType())));

    [Theory]
    [MemberData(nameof(NamesAndKinds))]
    public void The_gradient_agrees_with_central_differences_and_is_0_where_examples_do_not_count(
        string name,
        TargetKind kind
    )
    {
        using var backend = new ManagedBackend(ElementType.Float64);
        using Evaluation evaluation = new(name, kind, backend);
        double[] gradient = evaluation.Run(scale: 0.25).Gradient;
        Span<double> outputs = evaluation.Output.AsSpan<double>();
        double[] expected = new double[outputs.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            double original = outputs[i];
            outputs[i] = original + Tolerance.DifferenceStep;
            double above = evaluation.Run().Loss;
            outputs[i] = original - Tolerance.DifferenceStep;
            double below = evaluation.Run().Loss;
            outputs[i] = original;
            expected[i] = 0.25 * (above - below) / (2 * Tolerance.DifferenceStep);
        }
        Comparison.Close(expected, gradient, Tolerance.OfDifferences, name);
        Assert.All(gradient[(Count * Output.Channels)..], value => Assert.Equal(0, value));
    }

    [Theory]
    [MemberData(nameof(NamesAndKinds))]
    public void Native_follows_managed_and_a_gradient_is_optional(string name, TargetKind kind)
    {
        using var managed = new ManagedBackend(ElementType.Float64);
        using var native = new NativeBackend(2);
        using Evaluation expected = new(name, kind, managed);
        using Evaluation actual = new(name, kind, native);
        (double loss, double[] gradient) = actual.Run(0.25);
        Comparison.Close(expected.Run().Loss, loss, new Tolerance(0, 1e-6), name);
        Comparison.Close(expected.Run(0.25).Gradient, gradient, new Tolerance(1e-7, 1e-6), name);
        using Evaluation without = new(name, kind, native, wantsGradient: false);
        Assert.Equal(loss, without.Run().Loss);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Targets_of_a_kind_that_it_is_not_defined_for_are_refused_by_name(string name)
    {
        (Func<Loss> make, TargetKind[] kinds) = Rows[name];
        using var backend = new ManagedBackend();
        using Network network = NetworkBuilder.Start(1, 1, 2).Dense(5).Build();
        foreach (TargetKind kind in Enum.GetValues<TargetKind>().Except(kinds))
        {
            string expected = $"{make().GetType().Name} is not defined for targets that are {kind}.";
            var e = Assert.Throws<NotSupportedException>(() => make().Prepare(backend, Output, kind));
            Assert.Equal(expected, e.Message);
            e = Assert.Throws<NotSupportedException>(() =>
                new TrainingStep(network, backend, 2, make(), new Sgd(), targets: kind)
            );
            Assert.Equal(expected, e.Message);
        }
    }

    [Theory]
    [MemberData(nameof(NamesAndKinds))]
    public void Targets_that_are_not_what_was_prepared_for_are_refused_and_nothing_is_written(
        string name,
        TargetKind kind
    )
    {
        using var backend = new ManagedBackend();
        using Evaluation evaluation = new(name, kind, backend);
        double[] before = evaluation.Run().Gradient;
        TargetKind other = kind == TargetKind.Classes ? TargetKind.Values : TargetKind.Classes;
        var e = Assert.Throws<ArgumentException>(() => evaluation.Run(other, Count));
        Assert.StartsWith($"The loss was prepared for targets that are {kind}; they are {other}.", e.Message);
        e = Assert.Throws<ShapeException>(() => evaluation.Run(kind, 5));
        Assert.Equal("There are 5 targets for a batch of 4 examples.", e.Message);
        if (kind == TargetKind.Classes)
        {
            e = Assert.Throws<ArgumentOutOfRangeException>(() => evaluation.Run(1, 5, 0));
            Assert.Contains("5", e.Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, TensorValues.Read(evaluation.Gradient));
    }

    [Fact]
    public void Probabilities_of_one_class_are_that_class_and_soft_ones_mix()
    {
        using var backend = new ManagedBackend(ElementType.Float64);
        var loss = new SoftmaxCrossEntropy();
        using PreparedLoss classes = loss.Prepare(backend, Output);
        using PreparedLoss soft = loss.Prepare(backend, Output, TargetKind.Probabilities);
        using Tensor output = Evaluation.Random(Output, ElementType.Float64, 7);
        using Tensor gradient = new(Output, ElementType.Float64);
        using Tensor expected = new(Output, ElementType.Float64);
        using Tensor rows = new(Output, ElementType.Float64);
        for (int n = 0; n < 4; n++)
            rows.AsSpan<double>()[n * 5 + n] = 1;
        double hard = classes.Evaluate(output, Targets.Classes([0, 1, 2, 3]), 1, expected);
        Assert.Equal(hard, soft.Evaluate(output, Targets.Probabilities(rows), 1, gradient), 1e-12);
        Assert.Equal(TensorValues.Read(expected), TensorValues.Read(gradient));
        // Equal logits: softmax is 1/5 everywhere, the loss log 5 whatever the targets, the gradient 1/5 − t.
        output.Clear();
        double[] t = [0.5, 0.25, 0.125, 0.125, 0];
        TensorValues.Write([.. t, .. t, .. t, .. t], rows);
        Assert.Equal(4 * Math.Log(5), soft.Evaluate(output, Targets.Probabilities(rows), 1, gradient), 1e-12);
        double[] written = TensorValues.Read(gradient)[..5];
        Comparison.Close([.. t.Select(p => 0.2 - p)], written, new Tolerance(1e-15, 0), "gradient");
        TensorValues.Write([.. t, .. t, .. t, 1, 1, 1, 1, 1], rows);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            soft.Evaluate(output, Targets.Probabilities(rows), 1, gradient)
        );
        // The row that is none does not count.
        Assert.Equal(3 * Math.Log(5), soft.Evaluate(output, Targets.Probabilities(rows, 3), 1, gradient), 1e-12);
    }

    [Fact]
    public void Squared_errors_classes_are_values_of_one_of_c()
    {
        using var backend = new NativeBackend(2);
        var loss = new SquaredError(1, -0.5, 0.75);
        using PreparedLoss classes = loss.Prepare(backend, Output);
        using PreparedLoss values = loss.Prepare(backend, Output, TargetKind.Values);
        using Tensor output = Evaluation.Random(Output, ElementType.Float32, 7);
        using Tensor gradient = new(Output);
        using Tensor expected = new(Output);
        using Tensor targets = new(Output);
        targets.Span.Fill(-0.5f);
        for (int n = 0; n < 4; n++)
            targets.Span[n * 5 + 4 - n] = 0.75f;
        double known = values.Evaluate(output, Targets.Values(targets), 1, expected);
        Assert.Equal(known, classes.Evaluate(output, Targets.Classes([4, 3, 2, 1]), 1, gradient));
        Assert.Equal(expected.Span.ToArray(), gradient.Span.ToArray());
    }

    [Theory]
    [MemberData(nameof(NamesAndKinds))]
    public void Training_with_every_kind_of_target_lowers_the_loss(string name, TargetKind kind)
    {
        using var backend = new NativeBackend(2);
        using Network network = NetworkBuilder.Start(1, 1, 6).Dense(20).Tanh().Dense(5).Build(3);
        using Evaluation evaluation = new(name, kind, backend);
        using var step = new TrainingStep(network, backend, 4, Rows[name].Make(), new Sgd(), targets: kind);
        using Tensor input = NetworkCases.Input(network, 4, 1);
        double[] losses = [.. Enumerable.Range(0, 50).Select(_ => step.Run(input, evaluation.Targets(kind)).Loss)];
        Assert.True(losses[^1] < 0.9 * losses[0], $"{losses[0]} became {losses[^1]}");
        if (kind != TargetKind.Classes)
            Assert.Equal(0, step.Run(input, evaluation.Targets(kind)).Correct);
    }

    /// <summary>A loss with outputs and with targets of every kind, of which three of four examples count.</summary>
    private sealed class Evaluation : IDisposable
    {
        private readonly PreparedLoss _loss;
        private readonly Tensor _values;
        private readonly Tensor _probabilities;
        private readonly bool _wantsGradient;

        public Evaluation(string name, TargetKind kind, Backend backend, bool wantsGradient = true)
        {
            _loss = Rows[name].Make().Prepare(backend, LossTests.Output, kind, wantsGradient);
            _wantsGradient = wantsGradient;
            Output = Random(LossTests.Output, backend.ElementType, 1);
            Gradient = new Tensor(LossTests.Output, backend.ElementType);
            // Float32 on any backend: it is converted.
            double[] values = TensorValues.Read(Random(LossTests.Output, ElementType.Float32, 2));
            // From 0 to 1, as one of the losses wants them.
            double[] shares = [.. values.Select(value => 1 / (1 + Math.Exp(-value)))];
            _values = TensorValues.Tensor(LossTests.Output, ElementType.Float32, shares);
            double[] rows = TensorValues.Read(Random(LossTests.Output, ElementType.Float32, 3));
            double[] exponentials = [.. rows.Select(Math.Exp)];
            double[] sums = [.. exponentials.Chunk(5).Select(row => row.Sum())];
            _probabilities = TensorValues.Tensor(
                LossTests.Output,
                ElementType.Float32,
                [.. exponentials.Select((value, i) => value / sums[i / 5])]
            );
        }

        public TargetKind Kind => _loss.Kind;

        public Tensor Output { get; }

        public Tensor Gradient { get; }

        public (double Loss, double[] Gradient) Run(double scale = 1)
        {
            TensorValues.Write(
                new double[Gradient.Count]
                    .Select(_ => double.NaN)
                    .ToArray(),
                Gradient
            );
            double loss = _loss.Evaluate(Output, Targets(Kind), scale, _wantsGradient ? Gradient : null);
            return (loss, TensorValues.Read(Gradient));
        }

        public void Run(TargetKind kind, int count) => _loss.Evaluate(Output, Targets(kind, count), 1, Gradient);

        public void Run(params int[] labels) =>
            _loss.Evaluate(Output, NativeCnn.Losses.Targets.Classes(labels), 1, Gradient);

        public Targets Targets(TargetKind kind, int count = Count) =>
            kind switch
            {
                TargetKind.Classes => NativeCnn.Losses.Targets.Classes(((ReadOnlySpan<int>)[1, 4, 0, 2, 3])[..count]),
                TargetKind.Values => NativeCnn.Losses.Targets.Values(_values, count),
                _ => NativeCnn.Losses.Targets.Probabilities(_probabilities, count),
            };

        public static Tensor Random(Shape shape, ElementType type, ulong seed)
        {
            var random = new RandomStream(seed);
            double[] values = new double[shape.Count];
            foreach (ref double value in values.AsSpan())
                value = (float)random.NextGaussian();
            return TensorValues.Tensor(shape, type, values);
        }

        public void Dispose()
        {
            _loss.Dispose();
            Output.Dispose();
            Gradient.Dispose();
            _values.Dispose();
            _probabilities.Dispose();
        }
    }
}

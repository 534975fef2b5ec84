using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Randomness;
using NativeCnn.Reference;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>
/// What becomes of NaN and infinity in every layer: whatever depends on a value is NaN where the value is, and nothing
/// else is. What depends on it is found by changing it. The rows are the examples of docs/layers.md and a few more.
/// </summary>
public sealed class NonFiniteTests
{
    // A vector of every instruction set and a part of one.
    private const int Channels = 20;

    // Every so many places are tried.
    private const int Step = 61;

    // Small ones for what saturates, large ones for what is clipped far below 0.
    private static readonly float[] s_changes = [1, -1, 100, -100, 1e4f, -1e4f];

    private static readonly Dictionary<string, Func<Node, Node>> Rows = new(
        LayerExamples.All.Select(example => KeyValuePair.Create(example.Code, example.Add))
    )
    {
        ["a convolution of one pixel"] = x => x.Convolution(6, 1),
        ["a depthwise convolution"] = x => x.Convolution(Channels, 3, groups: Channels),
        ["a convolution turned, 5×5, stride 2"] = x => x.Add(new Convolution(6, 5) { IsRotated = true, Stride = 2 }),
        ["a convolution with a bias per unit"] = x => x.Add(new Convolution(6, 3) { HasBiasPerUnit = true }),
        ["a convolution and ReLU"] = x => x.Convolution(6, 3).Relu(),
        ["a dense layer and ReLU"] = x => x.Dense(40).Relu(),
        ["a dense layer and leaky ReLU"] = x => x.Dense(40).LeakyRelu(),
        ["max pooling that tiles"] = x => x.MaxPooling(2),
        ["max pooling over the border"] = x =>
            x.Add(new MaxPooling(5, 3) { Padding = Padding.All(2), CeilMode = true }),
        ["average pooling over the border"] = x =>
            x.Add(new AveragePooling(3, 2) { Padding = Padding.All(1), CountPadding = true }),
        ["L2 pooling over the border"] = x => x.Add(new L2Pooling(3, 2) { Padding = Padding.All(1), CeilMode = true }),
        ["global max pooling"] = x => x.GlobalMaxPooling(),
        ["divisive normalisation by a constant"] = x => x.DivisiveNorm(3, sigma: 1, constant: 0.5f),
        ["layer normalisation"] = x => x.LayerNorm(),
        ["a shared slope"] = x => x.PRelu(isShared: true, initialSlope: -0.5f),
        ["leaky ReLU of negative slope"] = x => x.LeakyRelu(-0.5f),
        ["ELU of negative α"] = x => x.Elu(-0.5f),
        ["softplus of negative k"] = x => x.Softplus(-4),
    };

    // What comes out wherever +∞ reaches and wherever −∞ does: f finite, i infinite, n NaN. Others only pass them on.
    private static readonly Dictionary<string, (string Plus, string Minus)> Infinities = new()
    {
        ["logistic"] = ("f", "f"),
        ["tanh"] = ("f", "f"),
        ["scaled-tanh"] = ("f", "f"),
        ["relu"] = ("i", "f"),
        ["clipped-relu"] = ("f", "f"),
        ["elu"] = ("i", "f"),
        ["softplus"] = ("i", "f"),
        ["softmax"] = ("n", "f"),
        ["max-pooling"] = ("i", "f"),
        ["adaptive-max-pooling"] = ("i", "f"),
        ["subtractive-norm"] = ("in", "in"),
        ["divisive-norm"] = ("fn", "fn"),
        ["brightness-norm"] = ("fn", "fn"),
        ["local-response-norm"] = ("fn", "fn"),
        ["group-norm"] = ("n", "n"),
    };

    public static TheoryData<string, string> Names
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string row in Rows.Keys)
            foreach (string backend in (string[])["managed", "native"])
                data.Add(row, backend);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_NaN_reaches_what_depends_on_its_value_and_nothing_else(string row, string backend)
    {
        foreach (Phase phase in Enum.GetValues<Phase>())
        {
            using var run = new Run(Rows[row], backend, phase);
            double[] before = run.Outputs();
            for (int place = 0; place < run.Input.Count; place += Step)
            {
                bool[] reached = Reached(before, s_changes, change => run.Outputs(place, change));
                bool[] isNaN = [.. run.Outputs(place, float.NaN).Select(double.IsNaN)];
                Assert.True(reached.SequenceEqual(isNaN), Difference($"{phase}, input {place}", reached, isNaN));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_NaN_among_the_gradients_reaches_what_depends_on_its_value(string row, string backend)
    {
        // Every backward pass is a step, and every step drops others; DropoutTests have a step of their own.
        if (row.Contains("Dropout", StringComparison.Ordinal))
            return;
        using var run = new Run(Rows[row], backend, Phase.Training);
        double[] before = run.Gradients();
        Assert.Contains(before, gradient => gradient != 0);
        for (int place = 0; place < run.OutputCount; place += Step)
        {
            bool[] reached = Reached(before, s_changes, change => run.Gradients(place, change));
            double[] after = run.Gradients(place, float.NaN);
            bool[] isNaN = [.. reached.Select((is_, k) => is_ && double.IsNaN(after[k]))];
            Assert.True(reached.SequenceEqual(isNaN), Difference($"output gradient {place}", reached, isNaN));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_infinity_becomes_what_is_documented(string row, string backend)
    {
        using var run = new Run(Rows[row], backend, Phase.Inference);
        double[] before = run.Outputs();
        // A negative constant turns these round, and so does a negative weight before a non-linearity.
        if (row.Contains("negative", StringComparison.Ordinal) || row.Contains(" and ", StringComparison.Ordinal))
            return;
        (string plus, string minus) = Infinities.GetValueOrDefault(run.Kind, ("i", "i"));
        for (int place = 0; place < run.Input.Count; place += Step)
            foreach (float infinity in (float[])[float.PositiveInfinity, float.NegativeInfinity])
            {
                string allowed = infinity > 0 ? plus : minus;
                bool[] reached = Reached(before, s_changes, change => run.Outputs(place, change));
                double[] after = run.Outputs(place, infinity);
                string found = string.Concat(after.Where((_, k) => reached[k]).Select(ClassOf).Distinct().Order());
                Assert.True(
                    found.All(allowed.Contains) && (found.Length > 0 || !reached.Contains(true)),
                    $"{infinity} at {place} became '{found}'; documented is '{allowed}'."
                );
            }
    }

    [Theory]
    [InlineData("managed")]
    [InlineData("native")]
    public void Clipping_swallows_no_NaN(string backend)
    {
        var shape = new Shape(1, 3, 3, Channels);
        double[] values = [.. Enumerable.Range(0, shape.Count).Select(k => 0.01 * (k - 90))];
        for (int place = 0; place < shape.Count; place += 7)
        {
            double[] withNaN = [.. values];
            withNaN[place] = double.NaN;
            double[] clamped = TestBackends.Compute(backend, [0.5], new GradientClamp(shape), withNaN)[0];
            Assert.Equal([place], Enumerable.Range(0, shape.Count).Where(k => double.IsNaN(clamped[k])));
            Assert.True(double.IsNaN(TestBackends.Compute(backend, new GradientNorm(shape), withNaN)[0][0]));
        }
    }

    // Which values a change of one value changes.
    private static bool[] Reached(double[] before, float[] changes, Func<float, double[]> after)
    {
        var reached = new bool[before.Length];
        foreach (float change in changes)
        {
            double[] values = after(change);
            for (int k = 0; k < reached.Length; k++)
                reached[k] |= !values[k].Equals(before[k]);
        }
        return reached;
    }

    private static string ClassOf(double value) =>
        double.IsNaN(value) ? "n"
        : double.IsFinite(value) ? "f"
        : "i";

    private static string Difference(string what, bool[] reached, bool[] isNaN)
    {
        int[] swallowed = [.. Enumerable.Range(0, reached.Length).Where(k => reached[k] && !isNaN[k])];
        int[] spread = [.. Enumerable.Range(0, reached.Length).Where(k => !reached[k] && isNaN[k])];
        return $"{what}: of {reached.Count(is_ => is_)} values that depend on it, "
            + $"{swallowed.Length} are not NaN ({string.Join(", ", swallowed.Take(5))}); "
            + $"of the others {spread.Length} are NaN ({string.Join(", ", spread.Take(5))}).";
    }

    // A layer behind one that keeps a gradient for each value of its output: its biases are one per unit.
    private sealed class Run : IDisposable
    {
        private readonly Network _network;
        private readonly Backend _backend;
        private readonly CompiledNetwork _compiled;
        private readonly float[] _values;
        private readonly float[] _gradients;

        public Run(Func<Node, Node> add, string backend, Phase phase)
        {
            Node start = NetworkBuilder.Start(8, 8, Channels);
            // At inference the layer is alone, so that its own input can be looked at.
            Node before =
                phase == Phase.Inference
                    ? start
                    : start.Add(new Convolution(Channels, 1) { Groups = Channels, HasBiasPerUnit = true });
            _network = add(before).Build(3);
            foreach (Parameter parameter in _network.Parameters.Where(p => p.Role == ParameterRole.Trained))
                Fill(parameter.Value.Span, 4);
            _backend = backend == "managed" ? new ManagedBackend() : new NativeBackend(Exactly);
            _compiled = _network.Compile(_backend, 1, phase);
            Input = new Tensor(start.Shape);
            Fill(Input.Span, 5);
            _values = Input.Span.ToArray();
            _gradients = new float[_compiled.Output.Count];
            Fill(_gradients, 6);
        }

        public Tensor Input { get; }

        public string Kind => _network.Nodes[^1].Layer.Kind;

        public int OutputCount => _gradients.Length;

        private static NativeBackendOptions Exactly => new() { Threads = 2, Exact = true };

        /// <summary>The outputs, with something added to one of the inputs.</summary>
        public double[] Outputs(int place = 0, float change = 0)
        {
            _values.CopyTo(Input.Span);
            Input.Span[place] += change;
            _compiled.Forward(Input);
            return TensorValues.Read(_compiled.Output);
        }

        /// <summary>All gradients, with something added to one of the outputs'.</summary>
        public double[] Gradients(int place = 0, float change = 0)
        {
            _compiled.ZeroGradients();
            _ = Outputs();
            _gradients.CopyTo(_compiled.OutputGradient.Span);
            _compiled.OutputGradient.Span[place] += change;
            _compiled.Backward();
            return
            [
                .. _compiled.Parameters.Select(slot => slot.Gradient).OfType<Tensor>().SelectMany(TensorValues.Read),
            ];
        }

        public void Dispose()
        {
            Input.Dispose();
            _compiled.Dispose();
            _backend.Dispose();
            _network.Dispose();
        }

        // Away from 0, where nothing would depend on anything.
        private static void Fill(Span<float> values, ulong seed)
        {
            var random = new RandomStream(seed, 0);
            foreach (ref float value in values)
                value = MathF.CopySign(0.1f + (float)random.NextDouble(), (float)random.NextGaussian());
        }
    }
}

using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>
/// The errors of both float32 backends against float64 beside those of PyTorch's float32 on the same numbers, which
/// <c>tests/accuracy/pytorch_errors.py</c> wrote down: exact algorithms lose at most 4 times as much.
/// </summary>
public sealed class RoundingErrorTests
{
    private const double Times = 4;

    // So that the numbers need all digits that float32 has.
    private const double Deviation = 0.7;

    private static readonly string[] Kinds = ["standard", "large mean", "small gradients"];

    private static readonly Lazy<JsonDocument> Table = new(() =>
        JsonDocument.Parse(
            File.ReadAllText(Path.Combine(SharedData.Repository, "tests", "accuracy", "pytorch_errors.json"))
        )
    );

    private static readonly ConvolutionGeometry[] Convolutions =
    [
        new(new(4, 14, 14, 32), 48, 3, padding: Padding.All(1)),
        new(new(4, 15, 15, 16), 24, 5, 2),
    ];

    private static readonly Dictionary<string, Func<Backend, Numbers, Dictionary<string, double[]>>> Cases = new()
    {
        ["convolution 3x3"] = (b, n) => Convolution(b, n, Convolutions[0]),
        ["convolution 5x5/2"] = (b, n) => Convolution(b, n, Convolutions[1]),
        ["dense"] = Dense,
        ["batch norm"] = BatchNorm,
        ["group norm"] = GroupNorm,
        ["local response norm"] = LocalResponseNorm,
        ["subtractive norm"] = SubtractiveNorm,
        ["divisive norm"] = DivisiveNorm,
        ["average pooling"] = AveragePooling,
        ["L2 pooling"] = L2Pooling,
        ["softmax cross-entropy"] = CrossEntropy,
        ["tanh"] = (b, n) => Activate(b, n, Activation.Tanh),
        ["scaled tanh"] = (b, n) => Activate(b, n, Activation.ScaledTanh()),
        ["logistic"] = (b, n) => Activate(b, n, Activation.Logistic()),
        ["softplus"] = (b, n) => Activate(b, n, Activation.Softplus()),
        ["elu"] = (b, n) => Activate(b, n, Activation.Elu()),
    };

    public static TheoryData<string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string name in Cases.Keys)
            foreach (string kind in Kinds)
                rows.Add(name, kind);
            return rows;
        }
    }

    [Fact]
    public void The_table_has_every_case() =>
        Assert.Equal(
            Cases.Keys.Order(StringComparer.Ordinal),
            Table
                .Value.RootElement.EnumerateObject()
                .Select(p => p.Name)
                .Where(n => n != "torch")
                .Order(StringComparer.Ordinal)
        );

    /// <summary>The first numbers that the script draws.</summary>
    [Fact]
    public void Numbers_are_those_of_the_script()
    {
        double[] drawn = new Numbers("standard").Draw(1, 4, 1, 0);
        Assert.Equal([-1.745697021484375, 1.2374725341796875, 1.09844970703125, -2.1668701171875], drawn);
    }

    /// <summary>
    /// An error of half a unit of the largest result is allowed in any case: it is what rounding alone may cost.
    /// </summary>
    [Theory]
    [MemberData(nameof(Rows))]
    public void Exact_algorithms_lose_at_most_four_times_what_PyTorch_loses(string name, string kind)
    {
        using var exact = new ManagedBackend(ElementType.Float64);
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(new NativeBackendOptions { Threads = 2, Exact = true });
        var numbers = new Numbers(kind);
        Dictionary<string, double[]> expected = Cases[name](exact, numbers);
        JsonElement row = Table.Value.RootElement.GetProperty(name).GetProperty(kind);
        var faults = new List<string>();
        foreach (Backend backend in (Backend[])[managed, native])
        foreach ((string result, double[] values) in Cases[name](backend, numbers))
        {
            (double largest, double typical) = Errors(expected[result], values);
            double floor = Tolerance.Rounding * expected[result].Max(Math.Abs);
            double peers = row.GetProperty(result)[0].GetDouble();
            double peersTypical = row.GetProperty(result)[1].GetDouble();
            if (!(largest <= Math.Max(Times * peers, floor)))
                faults.Add(
                    $"{backend.Name}, {result}: largest error {largest:g3}, PyTorch's {peers:g3}, floor {floor:g3}"
                );
            if (!(typical <= Math.Max(Times * peersTypical, floor)))
                faults.Add($"{backend.Name}, {result}: typical error {typical:g3}, PyTorch's {peersTypical:g3}");
        }
        Assert.True(faults.Count == 0, $"{name}, {kind}: {string.Join("; ", faults)}");
    }

    /// <summary>What sums in registers, in parts, beside the library's products.</summary>
    [Theory]
    [InlineData("direct", "standard")]
    [InlineData("direct", "large mean")]
    [InlineData("direct", "small gradients")]
    [InlineData("blocked", "standard")]
    [InlineData("blocked", "large mean")]
    [InlineData("blocked", "small gradients")]
    public void Sums_of_our_own_lose_at_most_four_times_what_im2col_loses(string algorithm, string kind)
    {
        ConvolutionGeometry g = new(new(4, 7, 7, 600), 40, 1);
        using var exact = new ManagedBackend(ElementType.Float64);
        using var im2col = new NativeBackend(new NativeBackendOptions { Threads = 2, Algorithm = "im2col" });
        using var own = new NativeBackend(new NativeBackendOptions { Threads = 2, Algorithm = algorithm });
        var numbers = new Numbers(kind);
        Dictionary<string, double[]> expected = Convolution(exact, numbers, g);
        Dictionary<string, double[]> peers = Convolution(im2col, numbers, g);
        foreach ((string result, double[] values) in Convolution(own, numbers, g))
        {
            (double largest, double typical) = Errors(expected[result], values);
            (double peersLargest, double peersTypical) = Errors(expected[result], peers[result]);
            double floor = Tolerance.Rounding * expected[result].Max(Math.Abs);
            Assert.InRange(largest, 0, Math.Max(Times * peersLargest, floor));
            Assert.InRange(typical, 0, Math.Max(Times * peersTypical, floor));
        }
    }

    /// <summary>It may be Winograd's algorithm, of which docs/performance.md has the worst.</summary>
    [Theory]
    [InlineData(0, "standard")]
    [InlineData(0, "large mean")]
    [InlineData(0, "small gradients")]
    [InlineData(1, "standard")]
    [InlineData(1, "large mean")]
    [InlineData(1, "small gradients")]
    public void What_the_planner_picks_loses_no_more_than_documented(int number, string kind)
    {
        ConvolutionGeometry g = Convolutions[number];
        using var exact = new ManagedBackend(ElementType.Float64);
        using var native = new NativeBackend(threads: 2);
        var numbers = new Numbers(kind);
        Dictionary<string, double[]> expected = Convolution(exact, numbers, g);
        // The sums of absolute products.
        Dictionary<string, double[]> magnitudes = Convolution(exact, numbers with { IsMagnitude = true }, g);
        foreach ((string result, double[] values) in Convolution(native, numbers, g))
        {
            double worst = Errors(expected[result], values).Largest;
            double bound = 304 * Tolerance.Rounding * magnitudes[result].Max();
            Assert.True(worst <= bound, $"{result}: {worst:g3}, documented {bound:g3}");
        }
    }

    private static (double Largest, double Typical) Errors(double[] expected, double[] actual)
    {
        double largest = 0;
        double squares = 0;
        for (int k = 0; k < expected.Length; k++)
        {
            double error = Math.Abs(actual[k] - expected[k]);
            // NaN stays.
            largest = error <= largest ? largest : error;
            squares += error * error;
        }
        return (largest, Math.Sqrt(squares / expected.Length));
    }

    private static Dictionary<string, double[]> Convolution(Backend backend, Numbers n, ConvolutionGeometry g)
    {
        double[] x = n.Input(g.Input);
        double[] w = n.Weights(3, g.FilterShape);
        double[] dy = n.Gradient(g.Output);
        return new()
        {
            ["output"] = backend.Compute(new ConvolutionForward(g, Activation.Identity, hasBias: false), [x, w])[0],
            ["input gradient"] = backend.Compute(new ConvolutionBackwardData(g), [dy, w])[0],
            ["filter gradient"] = backend.Compute(new ConvolutionBackwardFilter(g), [x, dy, new double[w.Length]])[0],
        };
    }

    private static Dictionary<string, double[]> Dense(Backend backend, Numbers n)
    {
        var (input, weights) = (Shape.Vector(16, 512), Shape.Vector(64, 512));
        double[] x = n.Input(input);
        double[] w = n.Weights(3, weights);
        double[] dy = n.Gradient(Shape.Vector(16, 64));
        return new()
        {
            ["output"] = backend.Compute(new DenseForward(input, weights, Activation.Identity, false), [x, w])[0],
            ["input gradient"] = backend.Compute(new DenseBackwardData(input, weights), [dy, w])[0],
            ["weight gradient"] = backend.Compute(
                new DenseBackwardWeights(input, weights),
                [x, dy, new double[w.Length]]
            )[0],
        };
    }

    private static Dictionary<string, double[]> BatchNorm(Backend backend, Numbers n)
    {
        Shape shape = new(8, 14, 14, 16);
        double[] zeros = new double[16];
        double[] x = n.Input(shape);
        double[] gamma = n.Weights(3, Shape.Vector(1, 16), shift: 1);
        double[] beta = n.Weights(4, Shape.Vector(1, 16));
        double[][] forward = backend.Compute(new BatchNormForward(1e-5f, 0.1f, shape), [x, gamma, beta, zeros, zeros]);
        double[][] backward = backend.Compute(
            new BatchNormBackward(shape),
            [x, gamma, forward[3], forward[4], n.Gradient(shape), zeros, zeros]
        );
        return Normalised(forward[2], backward);
    }

    private static Dictionary<string, double[]> GroupNorm(Backend backend, Numbers n)
    {
        Shape shape = new(8, 14, 14, 16);
        double[] zeros = new double[16];
        double[] x = n.Input(shape);
        double[] gamma = n.Weights(3, Shape.Vector(1, 16), shift: 1);
        double[] beta = n.Weights(4, Shape.Vector(1, 16));
        double[][] forward = backend.Compute(new GroupNormForward(4, 1e-5f, shape, true), [x, gamma, beta]);
        double[][] backward = backend.Compute(
            new GroupNormBackward(4, shape),
            [x, gamma, forward[1], forward[2], n.Gradient(shape), zeros, zeros]
        );
        return Normalised(forward[0], backward);
    }

    private static Dictionary<string, double[]> Normalised(double[] output, double[][] gradients) =>
        new()
        {
            ["output"] = output,
            ["input gradient"] = gradients[0],
            ["gamma gradient"] = gradients[1],
            ["beta gradient"] = gradients[2],
        };

    private static Dictionary<string, double[]> LocalResponseNorm(Backend backend, Numbers n)
    {
        LocalResponseNormOptions options = new(5, 1e-4f, 0.75f, 2);
        Shape shape = new(2, 7, 7, 32);
        double[] x = n.Input(shape);
        double[][] forward = backend.Compute(new LocalResponseNormForward(options, shape, wantsScale: true), [x]);
        var backward = new LocalResponseNormBackward(options, shape);
        return OfOneInput(forward[0], backend.Compute(backward, [x, forward[1], n.Gradient(shape)]));
    }

    private static Dictionary<string, double[]> SubtractiveNorm(Backend backend, Numbers n)
    {
        GaussianWindow window = new(9, 2.25f);
        Shape shape = new(2, 16, 16, 8);
        double[] output = backend.Compute(new SubtractiveNormForward(window, shape), [n.Input(shape)])[0];
        var backward = new SubtractiveNormBackward(window, shape);
        return OfOneInput(output, backend.Compute(backward, [n.Gradient(shape)]));
    }

    private static Dictionary<string, double[]> DivisiveNorm(Backend backend, Numbers n)
    {
        GaussianWindow window = new(9, 2.25f);
        Shape shape = new(2, 16, 16, 8);
        double[] x = n.Input(shape);
        double[][] forward = backend.Compute(new DivisiveNormForward(window, 0, shape, isTraining: true), [x]);
        var backward = new DivisiveNormBackward(window, 0, shape);
        return OfOneInput(forward[0], backend.Compute(backward, [x, forward[1], n.Gradient(shape)]));
    }

    private static Dictionary<string, double[]> AveragePooling(Backend backend, Numbers n)
    {
        PoolingGeometry g = new(new(2, 15, 15, 16), 3, new Size2(2, 2));
        double[] output = backend.Compute(new AveragePoolingForward(g), [n.Input(g.Input)])[0];
        return OfOneInput(output, backend.Compute(new AveragePoolingBackward(g), [n.Gradient(g.Output)]));
    }

    private static Dictionary<string, double[]> L2Pooling(Backend backend, Numbers n)
    {
        PoolingGeometry g = new(new(2, 15, 15, 16), 3, new Size2(2, 2));
        double[] x = n.Input(g.Input);
        double[] output = backend.Compute(new L2PoolingForward(g), [x])[0];
        return OfOneInput(output, backend.Compute(new L2PoolingBackward(g), [x, output, n.Gradient(g.Output)]));
    }

    private static Dictionary<string, double[]> CrossEntropy(Backend backend, Numbers n)
    {
        Shape logits = Shape.Vector(32, 100);
        double[] labels = [.. Enumerable.Range(0, 32).Select(i => (double)(i * 7 % 100))];
        double[][] written = backend.Compute(
            new SoftmaxCrossEntropy(logits, hasProbabilities: false, wantsGradient: true),
            [n.Input(logits), labels],
            n.GradientScale,
            32
        );
        return new() { ["losses"] = written[0], ["gradient"] = written[1] };
    }

    private static Dictionary<string, double[]> Activate(Backend backend, Numbers n, Activation f)
    {
        Shape shape = Shape.Vector(1, 4096);
        double[] x = n.Input(shape);
        double[] output = backend.Compute(new ActivationForward(f, shape), [x])[0];
        var backward = new ActivationBackward(f, shape);
        return OfOneInput(output, backend.Compute(backward, [f.NeedsInput ? x : output, n.Gradient(shape)]));
    }

    private static Dictionary<string, double[]> OfOneInput(double[] output, double[][] gradients) =>
        new() { ["output"] = output, ["input gradient"] = gradients[0] };

    /// <summary>What a case draws: values of float32, the same as the script's.</summary>
    private sealed record Numbers(string Kind)
    {
        /// <summary>Whether signs are dropped.</summary>
        public bool IsMagnitude { get; init; }

        public double GradientScale => Kind == "small gradients" ? 1e-6 : 1;

        public double[] Input(Shape shape) => Draw(1, shape.Count, Deviation, Kind == "large mean" ? 1000 : 0);

        public double[] Gradient(Shape shape) => Draw(2, shape.Count, Deviation * GradientScale, 0);

        public double[] Weights(ulong seed, Shape shape, double shift = 0) => Draw(seed, shape.Count, 0.1, shift);

        // Sums of 12 uniform numbers of 16 bits, less 6: exact in float64.
        public double[] Draw(ulong seed, int count, double scale, double shift)
        {
            var values = new double[count];
            ulong counter = 1 + (seed << 40);
            foreach (ref double value in values.AsSpan())
            {
                int sum = 0;
                for (int k = 0; k < 3; k++)
                {
                    ulong z = Mix(counter++);
                    for (int shifted = 0; shifted < 64; shifted += 16)
                        sum += (int)((z >> shifted) & 0xFFFF);
                }
                value = (float)(shift + scale * (sum / 65536.0 - 6));
                value = IsMagnitude ? Math.Abs(value) : value;
            }
            return values;
        }

        // SplitMix64 of a counter.
        private static ulong Mix(ulong counter)
        {
            unchecked
            {
                ulong z = counter * 0x9E3779B97F4A7C15;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
                return z ^ (z >> 31);
            }
        }
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class ActivationTests : IOperationRows
{
    /// <summary>Every kind of activation.</summary>
    internal static readonly Activation[] Kinds =
    [
        Activation.Identity,
        Activation.Relu,
        Activation.Tanh,
        Activation.ScaledTanh(),
        Activation.Logistic(1.5f),
        Activation.LeakyRelu(),
        Activation.Softplus(2.5f),
        Activation.Elu(1.25f),
        Activation.Absolute,
        Activation.SmoothAbsolute(1.5f),
        Activation.Gain(-1.75f),
        Activation.ClippedRelu(0.625f),
    ];

    /// <summary>Constants of the other sign, and such as bring a function near to its limit.</summary>
    private static readonly Activation[] Variations =
    [
        Activation.LeakyRelu(-0.5f),
        Activation.LeakyRelu(0),
        Activation.Softplus(-0.5f),
        Activation.Softplus(40),
        Activation.Elu(-0.75f),
        Activation.SmoothAbsolute(-2),
        Activation.SmoothAbsolute(40),
        Activation.ClippedRelu(),
    ];

    public static IEnumerable<OperationCase> Rows =>
        from shape in OperationCases.PointWiseShapes
        from f in (Activation[])[.. Kinds, .. Variations]
        let details = $"{shape}, {f.Kind} {f.Alpha} {f.Beta}"
        let forward = new ActivationForward(f, shape)
        from row in (OperationCase[])
            [
                // Wide enough to reach both ends of tanh and the logistic function.
                new(forward, details) { ["input"] = Fillers.Between(-12, 12) },
                new(new ActivationBackward(f, shape), details)
                {
                    [f.NeedsInput ? "input" : "output"] = f.NeedsInput ? Fillers.AwayFromZero : OutputOf(f),
                    DerivativeOf = new(forward, details) { ["input"] = Fillers.AwayFromZero },
                },
            ]
        select row;

    /// <summary>What an activation can have put out; ReLU's zeros included.</summary>
    internal static Filler OutputOf(Activation activation) =>
        activation.Kind switch
        {
            ActivationKind.Logistic => Fillers.Between(0, 1),
            ActivationKind.ScaledTanh => Fillers.Between(-activation.Alpha, activation.Alpha),
            ActivationKind.Relu => Fillers.Each(random => MathF.Max(0, 2 * random.NextSingle() - 1)),
            ActivationKind.ClippedRelu => Fillers.Each(random =>
                Math.Clamp(4 * random.NextSingle() - 1, 0, activation.Alpha)
            ),
            ActivationKind.Softplus => Fillers.Between(0, 2 * MathF.Sign(activation.Beta)),
            ActivationKind.Elu => Fillers.Between(-activation.Alpha, 1),
            _ => Fillers.Uniform,
        };

    [Theory, EveryBackend]
    public void Relu_keeps_what_is_positive_and_NaN(string backend) =>
        Assert.Equal(
            [0, 0, 2, double.NaN, double.PositiveInfinity, 0],
            Activate(backend, Activation.Relu, -1, 0, 2, double.NaN, double.PositiveInfinity, double.NegativeInfinity)
        );

    [Theory, EveryBackend]
    public void Clipped_relu_keeps_what_is_between_its_ends_and_NaN(string backend)
    {
        double nan = double.NaN;
        Assert.Equal(
            [0, 0, 2, 6, 6, nan, 6, 0],
            Activate(
                backend,
                Activation.ClippedRelu(),
                -1,
                0,
                2,
                6,
                7,
                nan,
                double.PositiveInfinity,
                double.NegativeInfinity
            )
        );
    }

    [Theory, EveryBackend]
    public void Relu_passes_the_gradient_where_its_output_is_positive(string backend)
    {
        double[] y = [0, 2, 0, double.NaN, 0, 3];
        double[] dy = [5, 6, -7, 8, double.PositiveInfinity, double.NaN];
        double[] dx = Compute(backend, new ActivationBackward(Activation.Relu, Shape.Vector(1, 6)), y, dy)[0];
        Comparison.SameBits<double>([0, 6, 0, 0, 0, double.NaN], dx, "gradient");
    }

    [Theory, EveryBackend]
    public void Sigmoids_have_their_known_values(string backend)
    {
        double[] tanh = Activate(backend, Activation.Tanh, 0, 0.5, -50);
        Comparison.Close([0, 0.46211715726000975, -1], tanh, Tolerance.OfSum(4), "tanh");
        // 1 / (1 + e^(−2 · 0.5)); the ends do not overflow.
        double[] logistic = Activate(backend, Activation.Logistic(2), 0, 0.5, -1000, 1000);
        Comparison.Close([0.5, 0.7310585786300049, 0, 1], logistic, Tolerance.OfSum(4), "logistic");
        // LeCun's constants are chosen so that f(±1) = ±1, which they reach to 5 digits.
        Tolerance constants = new(1e-4, 0);
        Comparison.Close([1, -1], Activate(backend, Activation.ScaledTanh(), 1, -1), constants, "scaled tanh");
    }

    /// <summary>
    /// Signed zeros, denormals, infinities and NaN, beside each other in a vector and in its tail. The native backend's
    /// workers take a denormal for a zero.
    /// </summary>
    [Fact]
    public void Extreme_values_become_the_same_on_every_backend()
    {
        double tiny = float.Epsilon;
        double[] extremes =
        [
            0,
            -0.0,
            tiny,
            -tiny,
            1e-40f,
            -1e-40f,
            float.MaxValue,
            float.MinValue,
            double.PositiveInfinity,
            double.NegativeInfinity,
            double.NaN,
        ];
        double[] x = [.. extremes, .. extremes, .. extremes];
        double[] dy = [.. extremes, .. extremes.Select(_ => 1.0), .. extremes.Reverse()];
        foreach (Activation f in (Activation[])[.. Kinds, .. Variations])
        {
            double[] y = Activate("managed", f, WithoutDenormals(x));
            Shape shape = Shape.Vector(1, x.Length);
            double[] source = f.NeedsInput ? WithoutDenormals(x) : y;
            double[] dx = Compute("managed", new ActivationBackward(f, shape), source, WithoutDenormals(dy))[0];
            AssertSame(y, Activate("native", f, x), $"{f.Kind}");
            AssertSame(dx, Compute("native", new ActivationBackward(f, shape), source, dy)[0], $"{f.Kind}, gradient");
        }
    }

    private static double[] WithoutDenormals(double[] values) =>
        Array.ConvertAll(values, value => float.IsSubnormal((float)value) ? 0 : value);

    private static void AssertSame(double[] expected, double[] actual, string what)
    {
        for (int k = 0; k < expected.Length; k++)
        {
            bool same = expected[k].Equals(actual[k]) || Tolerance.OfSum(1).Allows(expected[k], actual[k]);
            Assert.True(same, $"{what}, value {k}: {actual[k]:g9}, not {expected[k]:g9}");
        }
    }

    [Theory, EveryBackend]
    public void Steep_softplus_tends_to_relu_and_smooth_absolute_to_absolute(string backend)
    {
        double[] x = [-100, -1, -0.25, 0, 0.25, 1, 100];
        double[] relu = [.. x.Select(v => Math.Max(0, v))];
        double[] size = [.. x.Select(Math.Abs)];
        foreach (float k in (float[])[100, 1e4f, 1e38f])
        {
            // The furthest off is 0: ln 2 / k, and away from it |x| is short of 2 ln 2 / k.
            Tolerance limit = new(1.4 / k, 1e-6);
            Comparison.Close(relu, Activate(backend, Activation.Softplus(k), x), limit, $"softplus {k}");
            double[] smaller = [.. x.Select(v => Math.Min(0, v))];
            Comparison.Close(smaller, Activate(backend, Activation.Softplus(-k), x), limit, $"softplus {-k}");
            Comparison.Close(size, Activate(backend, Activation.SmoothAbsolute(k), x), limit, $"smooth |x| {k}");
        }
        // As the definition has it, where that can be computed.
        double[] smooth = Activate(backend, Activation.SmoothAbsolute(2), x[1..^1]);
        double[] defined = [.. x[1..^1].Select(v => Math.Log(1 + Math.Exp(2 * v)) - v - Math.Log(2))];
        Comparison.Close(defined, smooth, Tolerance.OfSum(4), "smooth |x|");
    }

    [Theory, EveryBackend]
    public void NaN_comes_out_of_every_activation(string backend)
    {
        foreach (Activation f in (Activation[])[.. Kinds, .. Variations])
            Assert.Equal([double.NaN], Activate(backend, f, double.NaN));
    }

    [Theory, EveryBackend]
    public void The_absolute_values_slope_is_the_sign(string backend)
    {
        double[] x = [-2, 3, 0, double.NaN, double.NegativeInfinity];
        double[] dy = [5, 6, double.PositiveInfinity, 8, 2];
        double[] dx = Compute(backend, new ActivationBackward(Activation.Absolute, Shape.Vector(1, 5)), x, dy)[0];
        Assert.Equal([-5, 6, 0, double.NaN, -2], dx);
    }

    [Fact]
    public void What_needs_its_input_has_no_bias_gradient_in_the_same_pass()
    {
        foreach (Activation f in Kinds.Concat(Variations).Where(f => f.NeedsInput))
        {
            Assert.Equal("input", new ActivationBackward(f, Shape.Vector(1, 1)).Operands[0].Name);
            Assert.Throws<ArgumentOutOfRangeException>(() => new ActivationBiasBackward(f, Shape.Vector(1, 1)));
        }
    }

    [Fact]
    public void What_is_no_activation_is_refused_by_every_operation_that_has_one()
    {
        List<Activation> wrong =
        [
            new((ActivationKind)99),
            Activation.ScaledTanh(0),
            Activation.Softplus(0),
            Activation.SmoothAbsolute(0),
        ];
        foreach (float constant in (float[])[float.NaN, float.PositiveInfinity])
        {
            wrong.Add(Activation.Logistic(constant));
            wrong.Add(Activation.ScaledTanh(constant));
            wrong.Add(Activation.ScaledTanh(1, constant));
            wrong.Add(Activation.LeakyRelu(constant));
            wrong.Add(Activation.Softplus(constant));
            wrong.Add(Activation.Elu(constant));
            wrong.Add(Activation.SmoothAbsolute(constant));
            wrong.Add(Activation.Gain(constant));
            wrong.Add(Activation.ClippedRelu(constant));
        }
        Shape shape = Shape.Vector(2, 3);
        foreach (Activation f in wrong)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new ActivationForward(f, shape));
            Assert.Throws<ArgumentOutOfRangeException>(() => new ActivationBackward(f, shape));
            Assert.Throws<ArgumentOutOfRangeException>(() => new ActivationBiasBackward(f, shape));
            Assert.Throws<ArgumentOutOfRangeException>(() => new DenseForward(shape, shape, f, true));
            Assert.Throws<ArgumentOutOfRangeException>(() => new ConvolutionForward(new(shape, 1, 1), f, true));
        }
    }

    private static double[] Activate(string backend, Activation activation, params double[] input) =>
        Compute(backend, new ActivationForward(activation, Shape.Vector(1, input.Length)), input)[0];
}

using FsCheck;
using FsCheck.Fluent;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>Every algorithm of the planner against the reference, whether or not the planner would choose it.</summary>
public sealed class ConvolutionAlgorithmTests
{
    // Rounding of one float32 operation.
    private const double Unit = 1.0 / (1 << 24);

    private static readonly ConvolutionGeometry[] Layers =
    [
        new(new Shape(8, 28, 28, 1), 20, 5),
        new(new Shape(16, 12, 12, 20), 50, 5),
        new(new Shape(2, 27, 27, 64), 96, 5, padding: Padding.All(2)),
        new(new Shape(1, 56, 56, 64), 64, 3, padding: Padding.All(1)),
        new(new Shape(4, 14, 14, 160), 192, 3, padding: Padding.All(1)),
        new(new Shape(3, 13, 13, 70), 130, 3, padding: Padding.All(1)),
        new(new Shape(2, 14, 14, 96), 80, 3, padding: Padding.All(1), groups: 2),
        new(new Shape(1, 57, 57, 3), 64, 11, 4, padding: Padding.All(2)),
        new(new Shape(2, 14, 14, 256), 64, 1),
        new(new Shape(2, 28, 28, 96), 96, 3, padding: Padding.All(1), groups: 96),
        new(new Shape(2, 56, 56, 35), 35, 3, stride: 2, padding: Padding.All(1), groups: 35),
        new(new Shape(2, 14, 14, 130), 130, 5, padding: Padding.All(2), groups: 130),
    ];

    public static TheoryData<string> Algorithms => ["im2col", "direct", "depthwise", "winograd4", "winograd2"];

    /// <summary>The rounding bound of an algorithm, in units of 2⁻²⁴ of the largest sum of absolute products behind a result.</summary>
    /// <remarks>
    /// A plain sum of n products in any order is within n units; im2col and direct sum at least 16 ways apart, depthwise one product after
    /// another. Winograd's bounds are the documented ones of the shim's header.
    /// </remarks>
    private static double BoundOf(string algorithm, int terms, int kernel) =>
        algorithm is "im2col" or "direct" ? Math.Max(4, terms / 4.0)
        : algorithm == "depthwise" ? terms
        : (algorithm, kernel) switch
        {
            ("winograd4", 5) => 96,
            ("winograd2", 3) => 6,
            _ => 24,
        };

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Layers_of_real_networks_agree_with_the_reference(string algorithm)
    {
        using NativeBackend native = new(new NativeBackendOptions { Threads = 2, Algorithm = algorithm });
        int checkedLayers = Layers.Count(geometry => CheckAgainstReference(native, algorithm, geometry));
        Assert.True(checkedLayers >= 2, $"{algorithm} ran on {checkedLayers} layers only");
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Geometries_that_nobody_chose_agree_with_the_reference(string algorithm)
    {
        using NativeBackend native = new(new NativeBackendOptions { Threads = 2, Algorithm = algorithm });
        int count = 0;
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(120).WithReplay(1_414_213_562, 1_732_050_807),
            Prop.ForAll(
                Geometries(),
                geometry =>
                {
                    count += CheckAgainstReference(native, algorithm, geometry) ? 1 : 0;
                }
            )
        );
        Assert.True(count >= 20, $"{algorithm} ran on {count} geometries only");
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Any_number_of_threads_gives_the_same_bits(string algorithm)
    {
        foreach (ConvolutionGeometry geometry in Layers)
        {
            ConvolutionPasses? one = null;
            foreach (int threads in (int[])[1, 2, 3])
            {
                using NativeBackend native = new(new NativeBackendOptions { Threads = threads, Algorithm = algorithm });
                if (!CanCompute(native, geometry))
                    continue;
                ConvolutionPasses passes = new(native, geometry);
                one ??= passes;
                Assert.Equal(one.Output, passes.Output);
                Assert.Equal(one.InputGradient, passes.InputGradient);
                Assert.Equal(one.FilterGradient, passes.FilterGradient);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Bias_and_activation_finish_the_output(string algorithm)
    {
        using NativeBackend native = new(new NativeBackendOptions { Threads = 2, Algorithm = algorithm });
        using ManagedBackend managed = new();
        int count = 0;
        foreach (ConvolutionGeometry geometry in Layers.Where(layer => CanCompute(native, layer)))
        {
            using Tensor input = Noise(geometry.Input, 1);
            using Tensor filters = Noise(geometry.FilterShape, 2);
            using Tensor bias = Noise(Shape.Vector(1, geometry.Filters), 3);
            using Tensor expected = new(geometry.Output);
            using Tensor actual = new(geometry.Output);
            foreach (Activation activation in (Activation[])[Activation.Relu, Activation.ScaledTanh()])
            {
                managed.ConvolutionForward(
                    managed.PlanConvolution(geometry),
                    input,
                    filters,
                    bias,
                    activation,
                    expected
                );
                native.ConvolutionForward(native.PlanConvolution(geometry), input, filters, bias, activation, actual);
                double[] e = TensorValues.Read(expected);
                double[] a = TensorValues.Read(actual);
                double tolerance = 1e-5 * Math.Max(1, e.Max(Math.Abs)) + 1e-6 * geometry.Taps;
                for (int i = 0; i < e.Length; i++)
                    Assert.True(Math.Abs(a[i] - e[i]) <= tolerance, $"{geometry} [{i}]: {a[i]} and {e[i]}");
            }
            count++;
        }
        Assert.True(count >= 2);
    }

    [Theory]
    [InlineData("winograd4", 3, 3, 1, "1×9×9×3 → 3, 3×3, stride 2×2")]
    // Not every group has one channel and one filter.
    [InlineData("depthwise", 4, 4, 2, "1×9×9×4 → 4, 3×3, stride 2×2, 2 groups")]
    [InlineData("depthwise", 4, 8, 4, "1×9×9×4 → 8, 3×3, stride 2×2, 4 groups")]
    public void An_algorithm_that_cannot_compute_a_geometry_names_both(
        string algorithm,
        int channels,
        int filters,
        int groups,
        string geometry
    )
    {
        using NativeBackend native = new(new NativeBackendOptions { Threads = 1, Algorithm = algorithm });
        var e = Assert.Throws<NotSupportedException>(() =>
            native.PlanConvolution(new(new Shape(1, 9, 9, channels), filters, 3, stride: 2, groups: groups))
        );
        Assert.Contains($"'{algorithm}'", e.Message, StringComparison.Ordinal);
        Assert.EndsWith($" {geometry}.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_planner_prefers_depthwise_where_it_can_compute()
    {
        using NativeBackend native = new(threads: 1);
        foreach (ConvolutionGeometry geometry in Layers)
        {
            ConvolutionPlan plan = native.PlanConvolution(geometry);
            bool isDepthwise = geometry.Groups == geometry.Channels && geometry.Groups == geometry.Filters;
            Assert.All(
                (string[])[plan.Forward, plan.BackwardData, plan.BackwardFilter],
                name => Assert.Equal(isDepthwise, name == "depthwise")
            );
        }
    }

    [Fact]
    public void An_unknown_algorithm_is_refused_with_the_known_ones()
    {
        var e = Assert.Throws<ArgumentException>(() =>
            new NativeBackend(new NativeBackendOptions { Algorithm = "fft" })
        );
        Assert.Contains("'fft'", e.Message, StringComparison.Ordinal);
        Assert.Contains("im2col, direct, depthwise, winograd4, winograd2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Exact_rules_Winograd_out()
    {
        ConvolutionGeometry geometry = new(new Shape(4, 56, 56, 256), 256, 3, padding: Padding.All(1));
        using NativeBackend fast = new(new NativeBackendOptions { Threads = 1 });
        using NativeBackend exact = new(new NativeBackendOptions { Threads = 1, Exact = true });
        ConvolutionPlan plan = exact.PlanConvolution(geometry);
        Assert.StartsWith("Winograd", fast.PlanConvolution(geometry).Forward, StringComparison.Ordinal);
        Assert.All(
            (string[])[plan.Forward, plan.BackwardData, plan.BackwardFilter],
            name => Assert.DoesNotContain("Winograd", name, StringComparison.Ordinal)
        );
    }

    // False where the algorithm cannot compute the geometry.
    private static bool CheckAgainstReference(NativeBackend native, string algorithm, ConvolutionGeometry g)
    {
        if (!CanCompute(native, g))
            return false;
        using ManagedBackend managed = new(ElementType.Float64);
        ConvolutionPasses expected = new(managed, g);
        ConvolutionPasses scale = new(managed, g, absolute: true);
        ConvolutionPasses actual = new(native, g);
        int reached = g.FiltersPerGroup * g.KernelHeight * g.KernelWidth;
        // Depthwise sums each output row of a filter's gradient by itself, then the rows.
        int rows = g.Batch * g.OutputHeight;
        int summed = algorithm == "depthwise" ? g.OutputWidth + rows : g.OutputPixels;
        Within(
            expected.Output,
            actual.Output,
            scale.Output,
            BoundOf(algorithm, g.Taps, g.KernelHeight),
            $"{algorithm} forward of {g}"
        );
        Within(
            expected.InputGradient,
            actual.InputGradient,
            scale.InputGradient,
            BoundOf(algorithm, reached, g.KernelHeight),
            $"{algorithm} backward-data of {g}"
        );
        Within(
            expected.FilterGradient,
            actual.FilterGradient,
            scale.FilterGradient,
            BoundOf(algorithm, summed, g.KernelHeight),
            $"{algorithm} backward-filter of {g}"
        );
        return true;
    }

    private static void Within(double[] expected, double[] actual, double[] absolute, double bound, string what)
    {
        double tolerance = bound * Unit * absolute.Max();
        for (int i = 0; i < expected.Length; i++)
        {
            // Written so that NaN fails.
            if (!(Math.Abs(actual[i] - expected[i]) <= tolerance))
                Assert.Fail($"{what} [{i}]: {actual[i]} instead of {expected[i]}, tolerance {tolerance}");
        }
    }

    private static bool CanCompute(NativeBackend backend, ConvolutionGeometry geometry)
    {
        try
        {
            backend.PlanConvolution(geometry);
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    private static Tensor Noise(Shape shape, int seed)
    {
        var random = new Random(seed);
        double[] values = new double[shape.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextDouble() - 0.5;
        return TensorValues.Tensor(shape, ElementType.Float32, values);
    }

    // Stands for as many groups as channels and filters.
    private const int Depthwise = 0;

    // Half of them such as Winograd's algorithm computes; channel counts on both sides of the blocks of 16 and 64.
    private static Arbitrary<ConvolutionGeometry> Geometries()
    {
        Gen<ConvolutionGeometry?> any =
            from size in Gen.Choose(1, 20).Two()
            from batch in Gen.Choose(1, 3)
            from groups in Gen.Elements(1, 1, 1, 2, Depthwise)
            from channels in Gen.Elements(1, 2, 3, 5, 15, 16, 17, 33, 70)
            from filters in Gen.Elements(1, 2, 4, 15, 16, 18, 40, 66)
            from kernel in Gen.Elements(
                new Size2(3, 3),
                new Size2(5, 5),
                new Size2(3, 3),
                new Size2(3, 3),
                new Size2(1, 1),
                new Size2(2, 3),
                new Size2(7, 4)
            )
            from stride in Gen.Elements(1, 1, 1, 2, 3)
            from dilation in Gen.Elements(1, 1, 1, 2)
            from near in Gen.Choose(-1, 3).Two()
            from far in Gen.Choose(-1, 3).Two()
            select TestGeometry.TryMake(
                new(batch, size.Item1, size.Item2, groups == Depthwise ? channels : channels * groups),
                groups == Depthwise ? channels : filters * groups,
                kernel,
                stride,
                dilation,
                new(near.Item1, near.Item2, far.Item1, far.Item2),
                groups == Depthwise ? channels : groups
            );
        return any.Where(geometry => geometry is not null).Select(geometry => geometry!.Value).ToArbitrary();
    }
}

using FsCheck;
using FsCheck.Fluent;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>
/// What operations are to each other, on every backend and on geometries that nobody chose; the same ones in every run.
/// </summary>
public sealed class IdentityTests
{
    // Winograd's algorithm may compute one side and not the other.
    private const double Roundings = 32;

    /// <summary>The means by sums of rows and columns before each place, in float64, which know no window.</summary>
    [Theory, EveryBackend]
    public void Convolution_with_a_box_is_a_moving_average(string name)
    {
        using Backend backend = Create(name);
        ForAll(g =>
        {
            ConvolutionGeometry box = new(g.Input, g.Channels, new(g.KernelHeight, g.KernelWidth), groups: g.Channels);
            double[] x = Drawn(1, g.Input.Count);
            int taps = g.KernelHeight * g.KernelWidth;
            double[] filters = [.. Enumerable.Repeat((double)(1f / taps), box.FilterShape.Count)];
            Comparison.Close(
                MovingAverage(x, box),
                backend.Compute(Convolution(box), [x, filters])[0],
                Tolerance.OfSum(taps, Roundings),
                $"{box}"
            );
        });
    }

    /// <summary>
    /// Zeros between the gradients, kernels turned by 180°, inputs and outputs exchanged, and what is missing of a
    /// whole kernel padded.
    /// </summary>
    [Theory, EveryBackend]
    public void Backward_data_is_the_transposed_convolution(string name)
    {
        using Backend backend = Create(name);
        ForAll(g =>
        {
            Shape spread = new(
                g.BatchSize,
                (g.OutputHeight - 1) * g.StrideY + 1,
                (g.OutputWidth - 1) * g.StrideX + 1,
                g.Filters
            );
            int down = g.DilationY * (g.KernelHeight - 1);
            int across = g.DilationX * (g.KernelWidth - 1);
            Padding padding = new(
                down - g.PadTop,
                across - g.PadLeft,
                g.Height - spread.Height + g.PadTop,
                g.Width - spread.Width + g.PadLeft
            );
            ConvolutionGeometry transposed = new(
                spread,
                g.Channels,
                new(g.KernelHeight, g.KernelWidth),
                1,
                new(g.DilationY, g.DilationX),
                padding
            );
            double[] dy = Drawn(1, g.Output.Count);
            double[] w = Drawn(2, g.FilterShape.Count);
            double[] zeros = backend.Compute(new SkippingBackward(spread, new(g.StrideY, g.StrideX)), [dy])[0];
            Comparison.Close(
                backend.Compute(Convolution(transposed), [zeros, Turned(w, g)])[0],
                backend.Compute(new ConvolutionBackwardData(g), [dy, w])[0],
                Tolerance.OfSum(transposed.Taps, Roundings),
                $"{g}"
            );
        });
    }

    [Theory, EveryBackend]
    public void A_stride_is_a_stride_of_one_and_skipping(string name)
    {
        using Backend backend = Create(name);
        ForAll(g =>
        {
            ConvolutionGeometry dense = new(
                g.Input,
                g.Filters,
                new(g.KernelHeight, g.KernelWidth),
                1,
                new(g.DilationY, g.DilationX),
                new(g.PadTop, g.PadLeft, g.PadBottom, g.PadRight)
            );
            double[] x = Drawn(1, g.Input.Count);
            double[] w = Drawn(2, g.FilterShape.Count);
            double[] every = backend.Compute(Convolution(dense), [x, w])[0];
            Comparison.Close(
                backend.Compute(new SkippingForward(dense.Output, new(g.StrideY, g.StrideX)), [every])[0],
                backend.Compute(Convolution(g), [x, w])[0],
                Tolerance.OfSum(g.Taps, Roundings),
                $"{g}"
            );
        });
    }

    /// <summary>Padding that counts is what a convolution pads with.</summary>
    [Theory, EveryBackend]
    public void Average_pooling_is_a_depthwise_convolution(string name)
    {
        using Backend backend = Create(name);
        ForAll(g =>
        {
            Size2 window = new(g.KernelHeight, g.KernelWidth);
            Size2 stride = new(g.StrideY, g.StrideX);
            Padding padding = new(
                Math.Clamp(g.PadTop, 0, window.Height - 1),
                Math.Clamp(g.PadLeft, 0, window.Width - 1),
                Math.Clamp(g.PadBottom, 0, window.Height - 1),
                Math.Clamp(g.PadRight, 0, window.Width - 1)
            );
            PoolingGeometry pooling = new(g.Input, window, stride, padding, countPadding: true);
            ConvolutionGeometry box = new(g.Input, g.Channels, window, stride, padding: padding, groups: g.Channels);
            int taps = window.Height * window.Width;
            double[] filters = [.. Enumerable.Repeat((double)(1f / taps), box.FilterShape.Count)];
            double[] x = Drawn(1, g.Input.Count);
            Comparison.Close(
                backend.Compute(Convolution(box), [x, filters])[0],
                backend.Compute(new AveragePoolingForward(pooling), [x])[0],
                Tolerance.OfSum(taps, Roundings),
                $"{box}"
            );
            double[] dy = Drawn(2, pooling.Output.Count);
            Comparison.Close(
                backend.Compute(new ConvolutionBackwardData(box), [dy, filters])[0],
                backend.Compute(new AveragePoolingBackward(pooling), [dy])[0],
                Tolerance.OfSum(taps, Roundings),
                $"{box}, backward"
            );
        });
    }

    /// <summary>
    /// The worst that the documentation says of random values, in roundings of the largest sum of absolute products.
    /// </summary>
    [Theory]
    [InlineData("winograd2", 3, 48)]
    [InlineData("winograd4", 3, 80)]
    [InlineData("winograd2", 5, 80)]
    [InlineData("winograd4", 5, 304)]
    public void Winograd_is_im2col_within_its_bound(string algorithm, int kernel, double roundings)
    {
        using var winograd = new NativeBackend(new NativeBackendOptions { Threads = 2, Algorithm = algorithm });
        using var im2col = new NativeBackend(new NativeBackendOptions { Threads = 2, Algorithm = "im2col" });
        using var exact = new ManagedBackend(ElementType.Float64);
        int compared = 0;
        ForAll(any =>
        {
            ConvolutionGeometry g = new(
                new(any.BatchSize, any.Height + kernel + 3, any.Width + kernel + 3, any.Channels * 3),
                any.Filters * 5,
                kernel,
                padding: Padding.All(kernel / 2)
            );
            double[] x = Drawn(1, g.Input.Count);
            double[] w = Drawn(2, g.FilterShape.Count);
            if (Record.Exception(() => winograd.Plan(Convolution(g))) is NotSupportedException)
                return;
            compared++;
            double largest = exact.Compute(Convolution(g), [Magnitudes(x), Magnitudes(w)])[0].Max();
            // im2col's own sums are made in parts: 16 roundings are more than theirs.
            Tolerance bound = new((roundings + 16) * Tolerance.Rounding * largest, 0);
            Comparison.Close(
                im2col.Compute(Convolution(g), [x, w])[0],
                winograd.Compute(Convolution(g), [x, w])[0],
                bound,
                $"{g}"
            );
        });
        Assert.True(compared > 20, $"{compared} geometries only");
    }

    /// <summary>ln(1 + e^(kx)) / k is at most ln 2 / k above max(0, x), and as far below min(0, x) for −k.</summary>
    [Theory, EveryBackend]
    public void Softplus_tends_to_ReLU(string name)
    {
        using Backend backend = Create(name);
        double[] x = Points();
        double[] relu = backend.Compute(new ActivationForward(Activation.Relu, Shape.Vector(1, x.Length)), [x])[0];
        double[] least = [.. x.Select(value => Math.Min(0, value))];
        foreach (float k in (float[])[0.5f, 1, 10, 100, 1e4f, 1e6f])
        {
            Tolerance far = new(Math.Log(2) / k * 1.001, 4 * Tolerance.Rounding);
            Comparison.Close(relu, Softplus(k), far, $"k = {k}: ");
            Comparison.Close(least, Softplus(-k), far, $"k = −{k}: ");
        }

        double[] Softplus(float k) =>
            backend.Compute(new ActivationForward(Activation.Softplus(k), Shape.Vector(1, x.Length)), [x])[0];
    }

    /// <summary>The smooth form is at most (2/k) ln 2 below |x|, and never above.</summary>
    [Theory, EveryBackend]
    public void The_smooth_absolute_value_tends_to_the_absolute_value(string name)
    {
        using Backend backend = Create(name);
        double[] x = Points();
        double[] absolute = backend.Compute(new ActivationForward(Activation.Absolute, Shape.Vector(1, x.Length)), [x])[
            0
        ];
        foreach (float k in (float[])[0.5f, 1, 10, 100, 1e4f, 1e6f])
        {
            var smooth = new ActivationForward(Activation.SmoothAbsolute(k), Shape.Vector(1, x.Length));
            Tolerance far = new(2 * Math.Log(2) / k * 1.001, 8 * Tolerance.Rounding);
            Comparison.Close(absolute, backend.Compute(smooth, [x])[0], far, $"k = {k}: ");
        }
    }

    /// <summary>So a convolution by it computes on the very same filters.</summary>
    [Theory, EveryBackend]
    public void A_table_of_every_pair_leaves_every_filter(string name)
    {
        using Backend backend = Create(name);
        ForAll(g =>
        {
            double[] w = Drawn(1, g.FilterShape.Count);
            var table = ConnectionTable.Full(g.Channels, g.Filters);
            Assert.Equal(w, backend.Compute(new FilterArrangementForward(g.FilterShape, false, table), [w])[0]);
            var backward = new FilterArrangementBackward(g.FilterShape, false, table);
            Assert.Equal(w, backend.Compute(backward, [w, new double[w.Length]])[0]);
        });
    }

    private static ConvolutionForward Convolution(ConvolutionGeometry g) => new(g, Activation.Identity, hasBias: false);

    private static double[] Drawn(int seed, int count) => Fillers.Uniform.Draw(new Random(seed), count);

    private static double[] Magnitudes(double[] values) => Array.ConvertAll(values, Math.Abs);

    // Around 0, and far from it on both sides.
    private static double[] Points() =>
        [.. Enumerable.Range(-200, 401).Select(i => (double)(i / 20f)), -1e-6f, 1e-6f, -1000, 1000, -1e10f, 1e10f];

    private static double[] MovingAverage(double[] x, ConvolutionGeometry g)
    {
        // before[y, x]: the sum of all pixels above and to the left.
        var before = new double[g.Height + 1, g.Width + 1];
        var result = new double[g.Output.Count];
        for (int n = 0; n < g.BatchSize; n++)
        for (int c = 0; c < g.Channels; c++)
        {
            for (int i = 0; i < g.Height; i++)
            for (int j = 0; j < g.Width; j++)
                before[i + 1, j + 1] =
                    x[((n * g.Height + i) * g.Width + j) * g.Channels + c]
                    + before[i, j + 1]
                    + before[i + 1, j]
                    - before[i, j];
            for (int i = 0; i < g.OutputHeight; i++)
            for (int j = 0; j < g.OutputWidth; j++)
            {
                (int bottom, int right) = (i + g.KernelHeight, j + g.KernelWidth);
                double sum = before[bottom, right] - before[i, right] - before[bottom, j] + before[i, j];
                result[((n * g.OutputHeight + i) * g.OutputWidth + j) * g.Channels + c] =
                    sum / (g.KernelHeight * g.KernelWidth);
            }
        }
        return result;
    }

    // w[o, i, j, c] as [c, K_h − 1 − i, K_w − 1 − j, o].
    private static double[] Turned(double[] w, ConvolutionGeometry g)
    {
        int taps = g.KernelHeight * g.KernelWidth;
        var turned = new double[w.Length];
        for (int o = 0; o < g.Filters; o++)
        for (int t = 0; t < taps; t++)
        for (int c = 0; c < g.Channels; c++)
            turned[(c * taps + taps - 1 - t) * g.Filters + o] = w[(o * taps + t) * g.Channels + c];
        return turned;
    }

    private static void ForAll(Action<ConvolutionGeometry> property) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(1_732_050_807, 2_236_067_977),
            Prop.ForAll(Geometries(), property)
        );

    private static Arbitrary<ConvolutionGeometry> Geometries() =>
        ConvolutionPropertyTests.Possible(
            from sizes in Gen.Choose(5, 14).Two()
            from batch in Gen.Choose(1, 3)
            from channels in Gen.Elements(1, 2, 3, 17)
            from filters in Gen.Elements(1, 4, 5, 16)
            from kernel in Gen.Choose(1, 5).Two()
            from stride in Gen.Choose(1, 3).Two()
            from dilation in Gen.Choose(1, 2).Two()
            from near in Gen.Choose(-1, 3).Two()
            from far in Gen.Choose(-1, 3).Two()
            select (Func<ConvolutionGeometry>)(
                () =>
                    new(
                        new(batch, sizes.Item1, sizes.Item2, channels),
                        filters,
                        new(kernel.Item1, kernel.Item2),
                        new(stride.Item1, stride.Item2),
                        new(dilation.Item1, dilation.Item2),
                        new(near.Item1, near.Item2, far.Item1, far.Item2)
                    )
            )
        );
}

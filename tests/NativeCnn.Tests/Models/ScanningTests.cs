using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;

namespace NativeCnn.Tests.Models;

/// <summary>
/// Scanning perceptrons and time-delay networks: equal to a perceptron that is applied to window after window by plain
/// loops, and the same wherever a pattern lies.
/// </summary>
public sealed class ScanningTests : INetworkRows
{
    private const int Hidden = 6;
    private const int Classes = 5;

    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["scanning mlp, max"] = () => Scan(new Shape(1, 7, 6, 2), new Size2(3, 2), 2, ScanJoin.Max),
            ["scanning mlp, softmax"] = () => Scan(new Shape(1, 6, 6, 1), 3, 1, ScanJoin.Softmax),
            ["scanning mlp, perceptron"] = () => Scan(new Shape(1, 6, 6, 1), 3, 3, ScanJoin.Perceptron),
            ["time-delay network"] = () => TimeDelayNetwork.Create(new Shape(1, 1, 22, 2), Classes, seed: 8),
        };

    [Theory]
    [InlineData(9, 9, 1, 4, 4, 1, 1)]
    [InlineData(9, 8, 2, 3, 4, 2, 1)]
    [InlineData(11, 7, 3, 5, 3, 2, 3)]
    [InlineData(4, 5, 1, 4, 5, 1, 1)]
    public void The_convolutions_are_the_explicit_scan(
        int h,
        int w,
        int c,
        int windowH,
        int windowW,
        int down,
        int across
    )
    {
        var example = new Shape(1, h, w, c);
        (Size2 window, Size2 stride) = (new Size2(windowH, windowW), new Size2(down, across));
        using Network network = Scan(example, window, stride, ScanJoin.Max);
        double[][] values = RandomValues(network);
        double[] image = Image(example, 3);
        double[] expected = [.. Enumerable.Repeat(double.NegativeInfinity, Classes)];
        double[] sums = new double[Classes];
        double total = 0;
        for (int y = 0; y + windowH <= h; y += down)
        for (int x = 0; x + windowW <= w; x += across)
        {
            double[] outputs = Perceptron(values, Cut(image, example, y, x, window));
            for (int o = 0; o < Classes; o++)
            {
                expected[o] = Math.Max(expected[o], outputs[o]);
                sums[o] += Math.Exp(outputs[o]);
                total += Math.Exp(outputs[o]);
            }
        }
        AssertClose(expected, network, image);
        using Network softmax = Scan(example, window, stride, ScanJoin.Softmax);
        Copy(network, softmax);
        AssertClose([.. sums.Select(sum => sum / total)], softmax, image);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(27)]
    public void The_time_delay_network_is_the_explicit_scan(int samples)
    {
        var example = new Shape(1, 1, samples, 3);
        using Network network = TimeDelayNetwork.Create(example, Classes, seed: 2);
        double[][] values = RandomValues(network);
        double[] signal = Image(example, 4);
        double[] expected = [.. Enumerable.Repeat(double.NegativeInfinity, Classes)];
        for (int t = 0; t + 20 <= samples; t++)
        {
            // A perceptron of three layers that sees these 20 samples alone.
            double[] window = signal[(t * 3)..((t + 20) * 3)];
            double[] first = Layer(window, 3, 5, values[0], values[1], relu: true);
            double[] second = Layer(first, 32, 5, values[2], values[3], relu: true);
            double[] outputs = Layer(second, 64, 12, values[4], values[5], relu: false);
            Assert.Equal(Classes, outputs.Length);
            for (int o = 0; o < Classes; o++)
                expected[o] = Math.Max(expected[o], outputs[o]);
        }
        AssertClose(expected, network, signal);
    }

    [Theory]
    [InlineData(ScanJoin.Max)]
    [InlineData(ScanJoin.Softmax)]
    public void A_pattern_shifted_by_whole_strides_gives_the_same(ScanJoin join)
    {
        // Wherever the pattern of 3×3 lies, every window that touches it is inside.
        var example = new Shape(1, 17, 17, 1);
        using Network network = Scan(example, 4, 2, join);
        RandomValues(network);
        double[] pattern = Image(new Shape(1, 3, 3, 1), 5);
        AssertShiftInvariant(network, (y, x) => Placed(pattern, 3, 17, 4 + 2 * y, 4 + 2 * x), 4, 4);
    }

    [Fact]
    public void A_signal_shifted_by_any_samples_gives_the_same()
    {
        using Network network = TimeDelayNetwork.Create(new Shape(1, 1, 60, 1), Classes, seed: 3);
        RandomValues(network);
        double[] pattern = Image(new Shape(1, 1, 9, 1), 6);
        AssertShiftInvariant(network, (_, x) => [.. new double[20 + x], .. pattern, .. new double[31 - x]], 1, 11);
    }

    [Fact]
    public void A_join_that_does_not_exist_and_what_is_too_small_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Scan(new Shape(1, 6, 6, 1), 3, 1, (ScanJoin)9));
        Assert.Throws<ShapeException>(() => ScanningMlp.Create(new Shape(1, 23, 24, 1), 10));
        Assert.Throws<ShapeException>(() => TimeDelayNetwork.Create(new Shape(1, 1, 19, 1), 10));
        Assert.Throws<ShapeException>(() => TimeDelayNetwork.Create(new Shape(1, 2, 30, 1), 10));
    }

    private static void AssertShiftInvariant(Network network, Func<int, int, double[]> place, int rows, int columns)
    {
        using var backend = new NativeBackend(1);
        double[] first = Run(network, backend, place(0, 0));
        for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++)
            Comparison.Close(first, Run(network, backend, place(y, x)), new Tolerance(1e-5, 1e-5), $"at {y}, {x}");
    }

    private static Network Scan(Shape example, Size2 window, Size2 stride, ScanJoin join) =>
        ScanningMlp.Create(example, Classes, window, stride, Hidden, join, 9);

    // y = V relu(U x + a) + b, for one window.
    private static double[] Perceptron(double[][] values, double[] window)
    {
        double[] hidden = Layer(window, window.Length, 1, values[0], values[1], relu: true);
        return Layer(hidden, Hidden, 1, values[2], values[3], relu: false);
    }

    /// <summary>Units that see some samples each, at every position, sample after sample.</summary>
    private static double[] Layer(
        double[] input,
        int channels,
        int length,
        double[] weights,
        double[] biases,
        bool relu
    )
    {
        int positions = input.Length / channels - length + 1;
        double[] output = new double[positions * biases.Length];
        for (int t = 0; t < positions; t++)
        for (int o = 0; o < biases.Length; o++)
        {
            double sum = biases[o];
            for (int k = 0; k < length * channels; k++)
                sum += weights[o * length * channels + k] * input[t * channels + k];
            output[t * biases.Length + o] = relu ? Math.Max(0, sum) : sum;
        }
        return output;
    }

    private static double[] Cut(double[] image, Shape shape, int top, int left, Size2 window)
    {
        List<double> cut = [];
        for (int y = top; y < top + window.Height; y++)
            cut.AddRange(image.AsSpan((y * shape.Width + left) * shape.Channels, window.Width * shape.Channels));
        return [.. cut];
    }

    private static double[] Placed(double[] pattern, int side, int size, int top, int left)
    {
        double[] image = new double[size * size];
        for (int y = 0; y < side; y++)
            pattern.AsSpan(y * side, side).CopyTo(image.AsSpan((top + y) * size + left));
        return image;
    }

    private static double[] Image(Shape shape, ulong seed)
    {
        var random = new RandomStream(seed);
        return [.. Enumerable.Range(0, shape.Count).Select(_ => (double)(float)random.NextGaussian())];
    }

    // Biases too, which start at 0.
    private static double[][] RandomValues(Network network)
    {
        var random = new RandomStream(7);
        foreach (var parameter in network.Parameters)
        {
            double scale = 1 / Math.Sqrt(parameter.FanIn);
            double[] values =
            [
                .. Enumerable.Range(0, parameter.Value.Count).Select(_ => scale * random.NextGaussian()),
            ];
            TensorValues.Write(values, parameter.Value);
        }
        return NetworkCases.Values(network);
    }

    private static void Copy(Network from, Network to)
    {
        for (int i = 0; i < from.Parameters.Count; i++)
            from.Parameters[i].Value.CopyTo(to.Parameters[i].Value);
    }

    private static void AssertClose(double[] expected, Network network, double[] image)
    {
        using var managed = new ManagedBackend();
        Comparison.Close(expected, Run(network, managed, image), new Tolerance(1e-6, 1e-5), "managed");
        using var native = new NativeBackend(2);
        Comparison.Close(expected, Run(network, native, image), new Tolerance(1e-5, 1e-5), "native");
    }

    private static double[] Run(Network network, Backend backend, double[] image)
    {
        using Tensor input = TensorValues.Tensor(network.InputShape, ElementType.Float32, image);
        using CompiledNetwork compiled = network.Compile(backend, 1, Phase.Inference);
        compiled.Forward(input);
        return TensorValues.Read(compiled.Output);
    }
}

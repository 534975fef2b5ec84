using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;

namespace NativeCnn.Tests.Layers;

/// <summary>Transposed convolution against zeros inserted and a full correlation, and refusals.</summary>
public sealed class TransposedConvolutionTests : INetworkRows
{
    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["transposed convolution"] = () =>
                NetworkBuilder
                    .Start(4, 3, 2)
                    .TransposedConvolution(3, 3, 2, Padding.All(1), 1)
                    .Tanh()
                    .Add(
                        new TransposedConvolution(4, new Size2(2, 3))
                        {
                            Stride = new Size2(1, 2),
                            Dilation = new Size2(2, 1),
                            Padding = new Padding(1, 0, 2, 1),
                            Bias = false,
                        }
                    )
                    .Relu()
                    .Add(
                        new TransposedConvolution(6, 2)
                        {
                            Groups = 2,
                            Stride = 3,
                            Bias = false,
                        }
                    )
                    .AveragePooling(3)
                    .Dense(5)
                    .Build(31),
        };

    public static TheoryData<int, int, int, int, int, int, int> Sizes =>
        new()
        {
            // size, kernel, stride, dilation, before, after, output padding
            { 5, 3, 1, 1, 0, 0, 0 },
            { 5, 3, 2, 1, 1, 1, 1 },
            { 4, 2, 2, 1, 0, 0, 0 },
            { 3, 4, 3, 1, 2, 1, 2 },
            { 1, 5, 1, 1, 1, 2, 0 },
            { 6, 3, 1, 2, 1, 3, 0 },
            { 4, 3, 2, 3, 2, 0, 1 },
            { 3, 1, 4, 1, 0, 0, 3 },
            { 4, 3, 2, 1, -1, -2, 0 },
        };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void It_is_the_correlation_of_what_has_zeros_between_with_the_turned_filters(
        int size,
        int kernel,
        int stride,
        int dilation,
        int before,
        int after,
        int extra
    )
    {
        const int Channels = 4;
        const int Filters = 6;
        const int Groups = 2;
        // The axes differ, so that none is taken for the other.
        var layer = new TransposedConvolution(Filters, new Size2(kernel, 2))
        {
            Stride = new Size2(stride, 1),
            Dilation = new Size2(dilation, 1),
            Padding = new Padding(before, 0, after, 0),
            OutputPadding = new Size2(extra, 0),
            Groups = Groups,
        };
        using Network network = NetworkBuilder.Start(size, 3, Channels).Add(layer).Build(5);
        int height = (size - 1) * stride - before - after + dilation * (kernel - 1) + extra + 1;
        Assert.Equal(new Shape(1, height, 4, Filters), network.OutputShape);
        TensorValues.Write([0.5, -1, 2, 0.25, -0.125, 3], layer.Parameters[1].Value);
        double[] w = TensorValues.Read(layer.Parameters[0].Value);
        double[] b = TensorValues.Read(layer.Parameters[1].Value);
        using Tensor input = NetworkCases.Input(network, 2, 7);
        double[] x = TensorValues.Read(input);

        var expected = new double[2 * height * 4 * Filters];
        for (int n = 0; n < 2; n++)
        for (int row = 0; row < height; row++)
        for (int column = 0; column < 4; column++)
        for (int o = 0; o < Filters; o++)
        {
            double sum = b[o];
            for (int i = 0; i < kernel; i++)
            for (int j = 0; j < 2; j++)
            {
                // Full: padded by d(K − 1), the filter turned; then cropped by the padding.
                int spread = row + before - dilation * (kernel - 1) + i * dilation;
                int across = column - 1 + j;
                // Between the pixels, s − 1 zeros.
                if (spread < 0 || spread % stride != 0 || spread / stride >= size || across is < 0 or >= 3)
                    continue;
                for (int c = 0; c < Channels / Groups; c++)
                {
                    int channel = o / (Filters / Groups) * (Channels / Groups) + c;
                    int tap = (channel * kernel + kernel - 1 - i) * 2 + 1 - j;
                    sum +=
                        w[tap * (Filters / Groups) + o % (Filters / Groups)]
                        * x[((n * size + spread / stride) * 3 + across) * Channels + channel];
                }
            }
            expected[((n * height + row) * 4 + column) * Filters + o] = sum;
        }
        foreach (Backend backend in (Backend[])[new ManagedBackend(), new NativeBackend(2)])
        {
            using CompiledNetwork compiled = network.Compile(backend, 2, Phase.Inference);
            compiled.Forward(input);
            Comparison.Close(expected, TensorValues.Read(compiled.Output), new Tolerance(1e-5, 0), backend.Name);
            backend.Dispose();
        }
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(1, 1)]
    [InlineData(3, -1)]
    public void An_output_padding_that_no_size_is_rounded_by_is_refused_by_name(int stride, int outputPadding)
    {
        var e = Assert.Throws<ShapeException>(() =>
            NetworkBuilder.Start(4, 4, 2).TransposedConvolution(3, 3, stride, outputPadding: outputPadding)
        );
        Assert.Contains("'transposed-convolution1'", e.Message, StringComparison.Ordinal);
        Assert.Contains("output padding", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_without_pixels_groups_that_do_not_divide_and_sizes_below_1_are_refused()
    {
        void Refused(TransposedConvolution layer, string rule)
        {
            var e = Assert.Throws<ShapeException>(() => NetworkBuilder.Start(2, 2, 3).Add(layer));
            Assert.Contains("'transposed-convolution1'", e.Message, StringComparison.Ordinal);
            Assert.Contains(rule, e.Message, StringComparison.Ordinal);
        }
        Refused(new TransposedConvolution(2, 3) { Padding = Padding.All(2) }, "would be 0 pixels long");
        Refused(new TransposedConvolution(2, 3) { Groups = 2 }, "2 groups");
        Refused(new TransposedConvolution(0, 3), "1 or more filters");
        Refused(new TransposedConvolution(2, 0), "1 or more");
        Refused(new TransposedConvolution(2, 3) { Dilation = 0 }, "1 or more");
        Refused(new TransposedConvolution(2, int.MaxValue) { Dilation = int.MaxValue }, "pixels long");
    }
}

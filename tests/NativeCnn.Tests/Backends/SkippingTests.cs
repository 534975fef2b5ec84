using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class SkippingTests : IOperationRows, INetworkRows
{
    private static readonly (Shape Input, Size2 Step)[] Sizes =
    [
        (new(1, 1, 1, 1), 1),
        (new(2, 6, 8, 3), 2),
        (new(2, 7, 5, 17), new(3, 2)),
        (new(1, 4, 3, 9), 7),
        (new(4, 31, 29, 20), new(1, 2)),
    ];

    public static IEnumerable<OperationCase> Rows =>
        from sizes in Sizes
        let details = $"{sizes.Input} by {sizes.Step}"
        let forward = new OperationCase(new SkippingForward(sizes.Input, sizes.Step), details)
        let backward = new OperationCase(new SkippingBackward(sizes.Input, sizes.Step), details)
        {
            DerivativeOf = forward,
        }
        from row in (OperationCase[])[forward, backward]
        select row;

    public static Dictionary<string, Func<Network>> Networks =>
        new()
        {
            ["skipping"] = () =>
                NetworkBuilder
                    .Start(9, 8, 2)
                    .Convolution(3, 3)
                    .Tanh()
                    .Skipping(new Size2(2, 3))
                    .Convolution(4, 2)
                    .Dense(5)
                    .Build(84),
        };

    [Theory, EveryBackend]
    public void Every_second_row_and_third_column_is_kept_and_the_gradient_inserts_zeros(string backend)
    {
        Shape input = new(1, 3, 4, 1);
        double[] image = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        Assert.Equal([1, 4, 9, 12], Compute(backend, new SkippingForward(input, new(2, 3)), image)[0]);
        Assert.Equal(
            [1, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 4],
            Compute(backend, new SkippingBackward(input, new(2, 3)), [1, 2, 3, 4])[0]
        );
    }

    /// <summary>A convolution with a stride is one without, every s-th row and column of it.</summary>
    [Theory, EveryBackend]
    public void A_stride_is_skipping(string backend)
    {
        Shape input = new(2, 9, 11, 3);
        ConvolutionGeometry dense = new(input, 4, 3, padding: Padding.All(1));
        ConvolutionGeometry strided = new(input, 4, 3, new Size2(2, 3), padding: Padding.All(1));
        var random = new Random(1);
        double[] image = Fillers.Uniform.Draw(random, input.Count);
        double[] filters = Fillers.Uniform.Draw(random, dense.FilterShape.Count);
        double[] every = Compute(
            backend,
            new ConvolutionForward(dense, Activation.Identity, hasBias: false),
            image,
            filters
        )[0];
        Comparison.Close(
            Compute(backend, new ConvolutionForward(strided, Activation.Identity, hasBias: false), image, filters)[0],
            Compute(backend, new SkippingForward(dense.Output, new(2, 3)), every)[0],
            // Winograd's algorithm may compute the one without.
            Tolerance.OfSum(27, 32),
            "strided"
        );
    }

    /// <summary>A pooling with a stride is one without, every s-th row and column of it.</summary>
    [Theory, EveryBackend]
    public void Pooling_with_a_stride_is_pooling_and_skipping(string backend)
    {
        Shape input = new(2, 9, 11, 3);
        PoolingGeometry dense = new(input, 3, 1, Padding.All(1));
        double[] image = Fillers.Uniform.Draw(new Random(1), input.Count);
        double[] every = Compute(backend, new MaxPoolingForward(dense, wantsArgmax: false), image)[0];
        Assert.Equal(
            Compute(backend, new MaxPoolingForward(new(input, 3, 2, Padding.All(1)), wantsArgmax: false), image)[0],
            Compute(backend, new SkippingForward(dense.Output, 2), every)[0]
        );
    }

    /// <summary>Average pooling is a depthwise convolution whose filters are boxes.</summary>
    [Theory, EveryBackend]
    public void Average_pooling_is_a_convolution_with_a_box(string backend)
    {
        Shape input = new(2, 9, 11, 3);
        PoolingGeometry pooling = new(input, new(2, 3), 2, new(1, 1, 0, 2), countPadding: true);
        ConvolutionGeometry box = new(input, 3, new(2, 3), 2, padding: new(1, 1, 0, 2), groups: 3);
        double[] image = Fillers.Uniform.Draw(new Random(1), input.Count);
        double[] filters = [.. Enumerable.Repeat((double)(1f / 6), box.FilterShape.Count)];
        Comparison.Close(
            Compute(backend, new ConvolutionForward(box, Activation.Identity, hasBias: false), image, filters)[0],
            Compute(backend, new AveragePoolingForward(pooling), image)[0],
            Tolerance.OfSum(6),
            "means"
        );
    }

    [Fact]
    public void A_step_below_one_is_refused_with_the_sizes()
    {
        string message = Assert.Throws<ShapeException>(() => NetworkBuilder.Start(4, 4, 2).Skipping(0)).Message;
        Assert.Contains("0×0", message, StringComparison.Ordinal);
        Assert.Contains("skipping", message, StringComparison.Ordinal);
    }
}

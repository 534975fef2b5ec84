using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>
/// The rows of the three passes and of the bias, and convolutions small enough to work out by hand; whole numbers, so
/// that every backend must be exact.
/// </summary>
public sealed class ConvolutionTests : IOperationRows
{
    /// <summary>The geometries that every pass is checked on.</summary>
    internal static readonly ConvolutionGeometry[] Geometries =
    [
        // Pointwise, and 1×1 kernels that are not.
        new(new(1, 1, 1, 1), 1, 1),
        new(new(3, 7, 5, 17), 4, 1),
        new(new(1, 8, 8, 33), 16, 1),
        new(new(1, 7, 8, 4), 3, 1, stride: 2),
        new(new(1, 4, 4, 3), 5, 1, padding: Padding.All(1)),
        // 3×3 over the channel counts that vector code splits differently.
        new(new(1, 6, 7, 1), 3, 3),
        new(new(3, 6, 7, 3), 16, 3, padding: Padding.All(1)),
        new(new(1, 9, 8, 4), 17, 3, padding: Padding.All(1)),
        new(new(3, 8, 8, 16), 16, 3, padding: Padding.All(1)),
        new(new(1, 5, 6, 17), 33, 3),
        new(new(1, 6, 5, 33), 17, 3, padding: Padding.Same(3)),
        new(new(1, 5, 5, 2), 65, 3),
        // Strides.
        new(new(3, 9, 9, 4), 5, 3, stride: 2, padding: Padding.All(1)),
        new(new(1, 11, 10, 3), 4, 5, stride: 3, padding: Padding.All(2)),
        new(new(1, 16, 16, 1), 12, 5, stride: 2, padding: Padding.All(2)),
        new(new(1, 9, 12, 3), 4, new(3, 5), stride: new(1, 2)),
        new(new(1, 8, 8, 3), 4, 2, stride: 3),
        // Padding: four different sides, crops, more than the kernel's reach.
        new(new(1, 6, 7, 3), 4, 3, padding: new(1, 2, 3, 0)),
        new(new(3, 9, 9, 3), 4, 3, padding: new(-1, -2, 0, -1)),
        new(new(1, 7, 8, 4), 3, 3, stride: 2, padding: new(2, -1, -1, 2)),
        new(new(1, 4, 5, 3), 4, 3, padding: Padding.All(4)),
        new(new(1, 5, 5, 3), 4, 3, padding: Padding.Full(3)),
        new(new(1, 6, 6, 3), 4, 4, padding: Padding.Same(4)),
        // Dilation.
        new(new(1, 9, 9, 4), 5, 3, dilation: 2, padding: Padding.Same(3, 2)),
        new(new(3, 10, 9, 3), 4, 3, stride: 2, dilation: 2, padding: Padding.All(2)),
        new(new(1, 8, 12, 3), 4, 3, dilation: new(1, 3)),
        // Groups; depthwise, and depthwise with two filters a channel.
        new(new(3, 7, 7, 4), 6, 3, padding: Padding.All(1), groups: 2),
        new(new(1, 7, 7, 16), 16, 3, padding: Padding.All(1), groups: 16),
        new(new(1, 8, 8, 17), 17, 3, stride: 2, padding: Padding.All(1), groups: 17),
        new(new(3, 12, 20, 65), 65, 3, groups: 65),
        new(new(1, 11, 9, 33), 33, new(5, 2), stride: new(1, 2), padding: new(3, 0, -1, 2), groups: 33),
        new(new(1, 10, 13, 5), 5, 3, dilation: 2, padding: Padding.All(2), groups: 5),
        new(new(1, 6, 6, 4), 8, 5, padding: Padding.All(2), groups: 4),
        new(new(2, 7, 9, 32), 32, 3, padding: Padding.All(1), groups: 8),
        new(new(1, 8, 7, 48), 48, 3, stride: 2, padding: Padding.All(1), groups: 3),
        new(new(1, 5, 5, 8), 4, 1, groups: 4),
        // Images smaller than the kernel.
        new(new(1, 1, 1, 3), 4, 3, padding: Padding.All(1)),
        new(new(3, 3, 3, 2), 3, 7, padding: Padding.All(3)),
        // The kernel is the image: a dense layer.
        new(new(3, 4, 4, 5), 7, 4),
        // One dimension.
        new(new(3, 1, 20, 3), 4, new(1, 5)),
        new(new(1, 20, 1, 3), 4, new(5, 1), stride: new(2, 1), padding: new(2, 0, 2, 0)),
        // LeNet.
        new(new(3, 28, 28, 1), 20, 5),
        new(new(3, 12, 12, 20), 50, 5),
    ];

    // 1 2 3
    // 4 5 6
    // 7 8 9
    private static readonly double[] Kernel = [.. Enumerable.Range(1, 9)];

    //  1  2  3  4
    //  5  6  7  8
    //  9 10 11 12
    // 13 14 15 16
    private static readonly double[] Image = [.. Enumerable.Range(1, 16)];

    private static readonly ConvolutionGeometry ThreeByThree = new(new(1, 4, 4, 1), 1, 3);

    // Each geometry takes its turn with an activation, and every third goes without a bias.
    public static IEnumerable<OperationCase> Rows =>
        from k in Enumerable.Range(0, Geometries.Length)
        from row in Passes(Geometries[k], ActivationTests.Kinds[k % ActivationTests.Kinds.Length], k % 3 != 2)
        select row;

    /// <summary>The rows of a geometry.</summary>
    internal static IEnumerable<OperationCase> Passes(ConvolutionGeometry g, Activation f = default, bool bias = false)
    {
        OperationCase forward = new(new ConvolutionForward(g, Activation.Identity, hasBias: true), $"{g}");
        return
        [
            new(new ConvolutionForward(g, f, bias), $"{g}, {(bias ? "" : "no ")}bias, {f.Kind}"),
            new(new ConvolutionBackwardData(g), $"{g}") { DerivativeOf = forward },
            new(new ConvolutionBackwardFilter(g), $"{g}") { DerivativeOf = forward },
            new(new BiasBackward(g.Output), $"of {g}") { DerivativeOf = forward },
        ];
    }

    [Theory, EveryBackend]
    public void Forward_correlates_and_adds_the_bias(string backend)
    {
        // 1·1 + 2·2 + 3·3 + 4·5 + 5·6 + 6·7 + 7·9 + 8·10 + 9·11 = 348; a step right adds 1 + … + 9 = 45, a step down
        // 180.
        Assert.Equal([348, 393, 528, 573], Forward(backend, ThreeByThree, Image, Kernel));
        Assert.Equal([349.5, 394.5, 529.5, 574.5], Forward(backend, ThreeByThree, Image, Kernel, [1.5]));
    }

    [Theory, EveryBackend]
    public void Forward_applies_the_activation_to_the_sum_with_its_bias(string backend) =>
        Assert.Equal([0, 0, 28, 73], Forward(backend, ThreeByThree, Image, Kernel, [-500], Activation.Relu));

    [Theory, EveryBackend]
    public void Channels_are_fastest_in_images_and_filters(string backend)
    {
        ConvolutionGeometry geometry = new(new(1, 1, 2, 2), 1, new(1, 2));
        Assert.Equal([43210], Forward(backend, geometry, [1, 2, 3, 4], [10, 100, 1000, 10000]));
    }

    [Theory, EveryBackend]
    public void Each_group_sees_its_own_channels(string backend)
    {
        ConvolutionGeometry geometry = new(new(1, 1, 1, 4), 2, 1, groups: 2);
        Assert.Equal([21, 4300], Forward(backend, geometry, [1, 2, 3, 4], [1, 10, 100, 1000]));
    }

    [Theory, EveryBackend]
    public void Stride_dilation_and_padding_move_the_taps(string backend)
    {
        double[] line = [1, 2, 3, 4, 5];
        double[] taps = [1, 10, 100];
        Shape shape = new(1, 1, 5, 1);
        Size2 kernel = new(1, 3);
        Assert.Equal(
            [210, 432, 54],
            Forward(backend, new(shape, 1, kernel, stride: new(1, 2), padding: new(0, 1, 0, 1)), line, taps)
        );
        Assert.Equal([531], Forward(backend, new(shape, 1, kernel, dilation: new(1, 2)), line, taps));
        Assert.Equal([432], Forward(backend, new(shape, 1, kernel, padding: new(0, -1, 0, -1)), line, taps));
        // An even kernel at `same` reaches further on the far side.
        ConvolutionGeometry even = new(shape, 1, new(1, 4), padding: Padding.Same(new(1, 4)));
        Assert.Equal([4320, 5432, 6543, 654, 65], Forward(backend, even, [2, 3, 4, 5, 6], [1, 10, 100, 1000]));
    }

    [Theory, EveryBackend]
    public void Backward_data_spreads_the_kernel(string backend)
    {
        double[] dx = Compute(backend, new ConvolutionBackwardData(ThreeByThree), [1, 2, 3, 4], Kernel)[0];
        Assert.Equal([1, 4, 7, 6, 7, 23, 33, 24, 19, 53, 63, 42, 21, 52, 59, 36], dx);
    }

    [Theory, EveryBackend]
    public void Backward_filter_adds_the_correlation_of_image_and_gradient(string backend)
    {
        double[] dw = [.. Enumerable.Repeat(1000.0, 9)];
        dw = Compute(backend, new ConvolutionBackwardFilter(ThreeByThree), Image, [1, 2, 3, 4], dw)[0];
        // 1·1 + 2·2 + 3·5 + 4·6 = 44; a step right adds 1 + 2 + 3 + 4 = 10, a step down 40.
        Assert.Equal([1044, 1054, 1064, 1084, 1094, 1104, 1124, 1134, 1144], dw);
    }

    private static double[] Forward(
        string backend,
        ConvolutionGeometry geometry,
        double[] input,
        double[] filters,
        double[]? bias = null,
        Activation activation = default
    )
    {
        ConvolutionForward forward = new(geometry, activation, hasBias: bias is not null);
        return Compute(backend, forward, bias is null ? [input, filters] : [input, filters, bias])[0];
    }
}

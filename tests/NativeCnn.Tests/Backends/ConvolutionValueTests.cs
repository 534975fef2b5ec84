using NativeCnn.Backends;
using NativeCnn.Tensors;
using static NativeCnn.Tests.TensorValues;

namespace NativeCnn.Tests.Backends;

/// <summary>Convolutions small enough to work out by hand; whole numbers, so that every backend must be exact.</summary>
public sealed class ConvolutionValueTests
{
    public static TheoryData<string> Backends => TestBackends.Names;

    private static readonly ConvolutionGeometry ThreeByThree = new(new(1, 4, 4, 1), 1, 3);

    // 1 2 3
    // 4 5 6
    // 7 8 9
    private static readonly double[] Kernel = [.. Enumerable.Range(1, 9)];

    //  1  2  3  4
    //  5  6  7  8
    //  9 10 11 12
    // 13 14 15 16
    private static readonly double[] Image = [.. Enumerable.Range(1, 16)];

    [Theory]
    [MemberData(nameof(Backends))]
    public void Forward_correlates_and_adds_the_bias(string name)
    {
        // 1·1 + 2·2 + 3·3 + 4·5 + 5·6 + 6·7 + 7·9 + 8·10 + 9·11 = 348; a step right adds 1 + … + 9 = 45, a step down 180.
        Assert.Equal([348, 393, 528, 573], Forward(name, ThreeByThree, Image, Kernel));
        Assert.Equal([349.5, 394.5, 529.5, 574.5], Forward(name, ThreeByThree, Image, Kernel, [1.5]));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Forward_applies_the_activation_to_the_sum_with_its_bias(string name) =>
        Assert.Equal([0, 0, 28, 73], Forward(name, ThreeByThree, Image, Kernel, [-500], Activation.Relu));

    [Theory]
    [MemberData(nameof(Backends))]
    public void Channels_are_fastest_in_images_and_filters(string name)
    {
        ConvolutionGeometry geometry = new(new(1, 1, 2, 2), 1, new(1, 2));
        Assert.Equal([43210], Forward(name, geometry, [1, 2, 3, 4], [10, 100, 1000, 10000]));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Each_group_sees_its_own_channels(string name)
    {
        ConvolutionGeometry geometry = new(new(1, 1, 1, 4), 2, 1, groups: 2);
        Assert.Equal([21, 4300], Forward(name, geometry, [1, 2, 3, 4], [1, 10, 100, 1000]));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Stride_dilation_and_padding_move_the_taps(string name)
    {
        double[] line = [1, 2, 3, 4, 5];
        double[] taps = [1, 10, 100];
        Shape shape = new(1, 1, 5, 1);
        Size2 kernel = new(1, 3);
        Assert.Equal(
            [210, 432, 54],
            Forward(name, new(shape, 1, kernel, stride: new(1, 2), padding: new(0, 1, 0, 1)), line, taps)
        );
        Assert.Equal([531], Forward(name, new(shape, 1, kernel, dilation: new(1, 2)), line, taps));
        Assert.Equal([432], Forward(name, new(shape, 1, kernel, padding: new(0, -1, 0, -1)), line, taps));
        // An even kernel at `same` reaches further on the far side.
        ConvolutionGeometry even = new(shape, 1, new(1, 4), padding: Padding.Same(new(1, 4)));
        Assert.Equal([4320, 5432, 6543, 654, 65], Forward(name, even, [2, 3, 4, 5, 6], [1, 10, 100, 1000]));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Backward_data_spreads_the_kernel(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        using Tensor dz = Tensor(ThreeByThree.Output, backend.ElementType, 1, 2, 3, 4);
        using Tensor w = Tensor(ThreeByThree.FilterShape, backend.ElementType, Kernel);
        using Tensor dx = new(ThreeByThree.Input, backend.ElementType);
        backend.ConvolutionBackwardData(backend.PlanConvolution(ThreeByThree), dz, w, dx);
        double[] expected = [1, 4, 7, 6, 7, 23, 33, 24, 19, 53, 63, 42, 21, 52, 59, 36];
        Assert.Equal(expected, Read(dx));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Backward_filter_adds_the_correlation_of_image_and_gradient(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        using Tensor x = Tensor(ThreeByThree.Input, backend.ElementType, Image);
        using Tensor dz = Tensor(ThreeByThree.Output, backend.ElementType, 1, 2, 3, 4);
        using Tensor dw = Tensor(ThreeByThree.FilterShape, backend.ElementType, [.. Enumerable.Repeat(1000.0, 9)]);
        backend.ConvolutionBackwardFilter(backend.PlanConvolution(ThreeByThree), x, dz, dw);
        // 1·1 + 2·2 + 3·5 + 4·6 = 44; a step right adds 1 + 2 + 3 + 4 = 10, a step down 40.
        double[] expected = [1044, 1054, 1064, 1084, 1094, 1104, 1124, 1134, 1144];
        Assert.Equal(expected, Read(dw));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Backward_bias_adds_the_gradients_of_each_map(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        using Tensor dz = Tensor(new(2, 1, 2, 2), backend.ElementType, 1, 10, 2, 20, 3, 30, 4, 40);
        using Tensor db = Tensor(Shape.Vector(1, 2), backend.ElementType, 1000, 2000);
        backend.BiasBackward(dz, db);
        Assert.Equal([1010, 2100], Read(db));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Dense_is_a_product_with_the_weights(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        ElementType type = backend.ElementType;
        using Tensor x = Tensor(Shape.Vector(2, 3), type, 1, 2, 3, 4, 5, 6);
        using Tensor w = Tensor(Shape.Vector(2, 3), type, 1, 10, 100, 0, -1, 1);
        using Tensor b = Tensor(Shape.Vector(1, 2), type, 1000, -2);
        using Tensor y = new(Shape.Vector(2, 2), type);
        backend.DenseForward(x, w, b, Activation.Identity, y);
        Assert.Equal([1321, -1, 1654, -1], Read(y));
        backend.DenseForward(x, w, b, Activation.Relu, y);
        Assert.Equal([1321, 0, 1654, 0], Read(y));

        using Tensor dy = Tensor(Shape.Vector(2, 2), type, 1, 2, 3, 4);
        using Tensor dx = new(Shape.Vector(2, 3), type);
        backend.DenseBackwardData(dy, w, dx);
        Assert.Equal([1, 8, 102, 3, 26, 304], Read(dx));
        using Tensor dw = Tensor(Shape.Vector(2, 3), type, 100, 100, 100, 200, 200, 200);
        backend.DenseBackwardWeights(x, dy, dw);
        Assert.Equal([113, 117, 121, 218, 224, 230], Read(dw));
    }

    private static double[] Forward(
        string name,
        ConvolutionGeometry geometry,
        double[] input,
        double[] filters,
        double[]? bias = null,
        Activation activation = default
    )
    {
        using IBackend backend = TestBackends.Create(name);
        using Tensor x = Tensor(geometry.Input, backend.ElementType, input);
        using Tensor w = Tensor(geometry.FilterShape, backend.ElementType, filters);
        using Tensor? b = bias is null ? null : Tensor(Shape.Vector(1, bias.Length), backend.ElementType, bias);
        using Tensor z = new(geometry.Output, backend.ElementType);
        backend.ConvolutionForward(backend.PlanConvolution(geometry), x, w, b, activation, z);
        return Read(z);
    }
}

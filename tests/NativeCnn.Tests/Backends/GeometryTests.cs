using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>The sizes that follow from a convolution's and a pooling's parameters.</summary>
public sealed class GeometryTests
{
    [Theory]
    [InlineData(28, 5, 1, 1, 0, 0, 24)]
    [InlineData(12, 5, 1, 1, 0, 0, 8)]
    [InlineData(224, 7, 2, 1, 3, 3, 112)]
    [InlineData(227, 11, 4, 1, 0, 0, 55)]
    [InlineData(16, 5, 2, 1, 2, 2, 8)]
    [InlineData(9, 3, 1, 2, 0, 0, 5)]
    [InlineData(10, 3, 3, 2, 1, 2, 3)]
    [InlineData(9, 3, 1, 1, -1, -2, 4)]
    [InlineData(1, 7, 1, 1, 3, 3, 1)]
    public void Convolution_size(int size, int kernel, int stride, int dilation, int before, int after, int output)
    {
        ConvolutionGeometry down = new(
            new(1, size, 1, 1),
            1,
            new(kernel, 1),
            new(stride, 1),
            new(dilation, 1),
            new(before, 0, after, 0)
        );
        ConvolutionGeometry across = new(
            new(1, 1, size, 1),
            1,
            new(1, kernel),
            new(1, stride),
            new(1, dilation),
            new(0, before, 0, after)
        );
        Assert.Equal(output, down.OutputHeight);
        Assert.Equal(output, across.OutputWidth);
    }

    [Theory]
    [InlineData(24, 2, 2, 0, 0, 12)]
    [InlineData(55, 3, 2, 0, 0, 27)]
    [InlineData(112, 3, 2, 1, 1, 56)]
    [InlineData(7, 2, 2, 0, 0, 3)]
    [InlineData(7, 2, 2, 0, 1, 4)]
    public void Pooling_size(int size, int window, int stride, int before, int after, int output)
    {
        PoolingGeometry down = new(new(1, size, 1, 1), new(window, 1), new(stride, 1), new(before, 0, after, 0));
        PoolingGeometry across = new(new(1, 1, size, 1), new(1, window), new(1, stride), new(0, before, 0, after));
        Assert.Equal(output, down.OutputHeight);
        Assert.Equal(output, across.OutputWidth);
    }

    [Theory]
    [InlineData(1, 1, 0, 0)]
    [InlineData(2, 1, 0, 1)]
    [InlineData(3, 1, 1, 1)]
    [InlineData(4, 1, 1, 2)]
    [InlineData(5, 1, 2, 2)]
    [InlineData(6, 1, 2, 3)]
    [InlineData(3, 2, 2, 2)]
    public void Same_padding_keeps_the_size_and_pads_the_far_side_more(int kernel, int dilation, int near, int far)
    {
        Padding padding = Padding.Same(kernel, dilation);
        Assert.Equal(new Padding(near, near, far, far), padding);
        ConvolutionGeometry geometry = new(new(1, 11, 14, 1), 1, kernel, null, dilation, padding);
        Assert.Equal(new Shape(1, 11, 14, 1), geometry.Output);
    }

    [Fact]
    public void Full_padding_counts_every_place_that_touches_the_image() =>
        Assert.Equal(
            new Shape(1, 6, 8, 1),
            new ConvolutionGeometry(new(1, 4, 4, 1), 1, new(3, 5), padding: Padding.Full(new(3, 5))).Output
        );

    // The output sizes are PyTorch's.
    [Theory]
    [InlineData(7, 2, 2, 0, 4, 1)]
    [InlineData(8, 2, 2, 0, 4, 0)]
    [InlineData(7, 3, 2, 1, 4, 0)]
    [InlineData(8, 3, 2, 1, 5, 1)]
    [InlineData(6, 2, 4, 0, 2, 0)]
    [InlineData(5, 2, 3, 0, 2, 0)]
    [InlineData(4, 2, 3, 1, 2, 0)]
    // A last window that would begin behind the image does not exist.
    [InlineData(3, 2, 2, 1, 2, 0)]
    [InlineData(6, 1, 4, 0, 2, 0)]
    [InlineData(2, 3, 2, 0, 1, 1)]
    public void Pooling_size_rounded_up(int size, int window, int stride, int padding, int output, int overhang)
    {
        PoolingGeometry down = new(
            new(1, size, 1, 1),
            new(window, 1),
            new(stride, 1),
            new(padding, 0, padding, 0),
            ceilMode: true
        );
        Assert.Equal((output, overhang), (down.OutputHeight, down.OverhangBottom));
        PoolingGeometry across = new(
            new(1, 1, size, 1),
            new(1, window),
            new(1, stride),
            new(0, padding, 0, padding),
            ceilMode: true
        );
        Assert.Equal((output, overhang), (across.OutputWidth, across.OverhangRight));
    }

    [Fact]
    public void Contradictions_are_refused_with_the_sizes()
    {
        Shape image = new(1, 4, 4, 3);
        ShapeException tooLarge = Assert.Throws<ShapeException>(() => new ConvolutionGeometry(image, 2, 5));
        Assert.Contains("1×4×4×3", tooLarge.Message, StringComparison.Ordinal);
        ShapeException groups = Assert.Throws<ShapeException>(() => new ConvolutionGeometry(image, 4, 3, groups: 2));
        Assert.Contains("3 input channels and 4 filters", groups.Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => new ConvolutionGeometry(image, 2, 3, stride: 0));
        Assert.Throws<ShapeException>(() => new ConvolutionGeometry(image, 0, 3));
        Assert.Throws<ShapeException>(() => new ConvolutionGeometry(new(64, 1024, 1024, 1), 64, 1));
        ShapeException window = Assert.Throws<ShapeException>(() => new PoolingGeometry(image, 5));
        Assert.Contains("1×4×4×3", window.Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => new PoolingGeometry(image, 7, stride: 3, ceilMode: true));
        Assert.Throws<ShapeException>(() => new PoolingGeometry(image, 2, padding: Padding.All(2)));
        Assert.Throws<ShapeException>(() => new PoolingGeometry(image, 2, padding: Padding.All(-1)));
    }

    [Theory]
    [InlineData(16, 16, ElementType.Byte)]
    [InlineData(1, 257, ElementType.UInt16)]
    [InlineData(256, 256, ElementType.UInt16)]
    public void A_place_takes_a_byte_up_to_256_places(int height, int width, ElementType expected) =>
        Assert.Equal(expected, new PoolingGeometry(new(1, 300, 300, 1), new(height, width)).IndexType);
}

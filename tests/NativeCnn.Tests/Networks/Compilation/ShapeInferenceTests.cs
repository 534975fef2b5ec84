using NativeCnn.Backends;
using NativeCnn.Networks;
using NativeCnn.Networks.Compilation;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Networks.Compilation;

public sealed class ShapeInferenceTests
{
    [Fact]
    public void Every_layer_has_its_shape_at_the_batch_size()
    {
        var builder = new NetworkBuilder();
        Node image = builder.Input(6, 6, 2).Convolution(3, 3, stride: 2, Padding.All(1)).MaxPooling(3);
        using Network network = builder.Build([image.Concatenate(builder.Input(1, 1, 5)).Dense(4), image], 1);
        Graph graph = ShapeInference.Run(network, 7);
        Assert.Equal(["7×3×3×3", "7×1×1×3", "7×1×1×8", "7×1×1×4"], graph.Nodes.Select(node => node.Shape.ToString()));
        Assert.Equal(["7×6×6×2", "7×1×1×5"], graph.Inputs.Select(node => node.Shape.ToString()));
        Assert.Equal(
            [
                "convolution1(input1)",
                "max-pooling1(convolution1)",
                "concatenation1(max-pooling1, input2)",
                "dense1(concatenation1)",
                "→ dense1, max-pooling1",
            ],
            graph.Lines()
        );
    }

    [Fact]
    public void A_size_that_overflows_names_the_layer_and_a_batch_of_nothing_is_refused()
    {
        using Network network = NetworkBuilder.Start(20_000, 20_000, 1).Convolution(3, 1).Build();
        var e = Assert.Throws<ShapeException>(() => ShapeInference.Run(network, 2));
        Assert.StartsWith("Layer 'convolution1' (convolution): ", e.Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => ShapeInference.Run(network, 0));
    }

    [Fact]
    public void Joined_channels_that_overflow_name_the_layer()
    {
        Node wide = NetworkBuilder.Start(1, 1, int.MaxValue / 2).Flatten();
        var e = Assert.Throws<ShapeException>(() => wide.Concatenate(wide, wide));
        Assert.StartsWith("Layer 'concatenation1' (concatenation): ", e.Message, StringComparison.Ordinal);
    }
}

using NativeCnn.Backends;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Examples;

/// <summary>
/// Two stages of two residual blocks, of 16 and 32 maps, a mean over the image, one output per class. After He et
/// al., "Deep residual learning for image recognition", CVPR 2016, without normalisation.
/// </summary>
public static class SmallResNet
{
    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×H×W×C.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values.</param>
    public static Network Create(Shape example, int classes, ulong seed = 1) =>
        Describe(example, classes).Build(seed, "small-resnet");

    internal static Node Describe(Shape example, int classes)
    {
        Node x = NetworkBuilder.Start(example).Convolution(16, 3, padding: Padding.Same(3)).Relu();
        x = Block(Block(x));
        x = x.Convolution(32, 3, stride: 2, padding: Padding.All(1)).Relu();
        x = Block(Block(x));
        return x.AveragePooling(new Size2(x.Shape.Height, x.Shape.Width)).Dense(classes);
    }

    private static Node Block(Node x) =>
        x.Convolution(x.Shape.Channels, 3, padding: Padding.Same(3))
            .Relu()
            .Convolution(x.Shape.Channels, 3, padding: Padding.Same(3))
            .Plus(x)
            .Relu();
}

using NativeCnn.Backends;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Models;

/// <summary>
/// AlexNet in its one-column form without normalisation and groups, as PyTorch has it: convolutions 64@11×11/4,
/// 192@5×5, 384, 256 and 256@3×3, max pooling 3×3/2 after the first, second and fifth, two dense layers of 4,096 with
/// dropout ½ before each, one output per class; ReLU throughout. 61,100,840 parameters for 1×224×224×3 and 1,000
/// classes.
/// </summary>
/// <remarks>
/// The first dense layer is as large as the input makes it; PyTorch's pools to 6×6 before it, which is the same at
/// 224×224. A. Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014. <see
/// cref="AlexNet2012"/> is the original.
/// </remarks>
public static class AlexNet
{
    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×H×W×C with H and W of 63 or more; 1×224×224×3 for ImageNet.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values (He's normal distribution, biases 0) and of dropout.</param>
    /// <exception cref="ShapeException">The examples are too small; the message names the layer.</exception>
    public static Network Create(Shape example, int classes, ulong seed = 1) =>
        Describe(example, classes).Build(seed, "alexnet");

    internal static Node Describe(Shape example, int classes) =>
        NetworkBuilder
            .Start(example)
            .Convolution(64, 11, stride: 4, Padding.All(2))
            .Relu()
            .MaxPooling(3, stride: 2)
            .Convolution(192, 5, padding: Padding.All(2))
            .Relu()
            .MaxPooling(3, stride: 2)
            .Convolution(384, 3, padding: Padding.All(1))
            .Relu()
            .Convolution(256, 3, padding: Padding.All(1))
            .Relu()
            .Convolution(256, 3, padding: Padding.All(1))
            .Relu()
            .MaxPooling(3, stride: 2)
            .Dropout()
            .Dense(4096)
            .Relu()
            .Dropout()
            .Dense(4096)
            .Relu()
            .Dense(classes);
}

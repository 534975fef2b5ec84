using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Models;

/// <summary>
/// The LeNet of Caffe's MNIST example: convolution 20@5×5, max pooling 2, convolution 50@5×5, max pooling 2, 500 units
/// with ReLU, one output per class (after LeCun et al. 1998, "Gradient-based learning applied to document
/// recognition").
/// </summary>
public static class LeNet
{
    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×H×W×C with H and W of 16 or more; 1×28×28×1 for MNIST.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values (Glorot's uniform distribution, as in Caffe).</param>
    public static Network Create(Shape example, int classes, ulong seed = 1) =>
        Describe(example, classes).Build(seed, "lenet");

    internal static Node Describe(Shape example, int classes)
    {
        Initializer initializer = Initializer.GlorotUniform;
        return NetworkBuilder
            .Start(example)
            .Add(new Convolution(20, 5) { Initializer = initializer })
            .MaxPooling(2)
            .Add(new Convolution(50, 5) { Initializer = initializer })
            .MaxPooling(2)
            .Add(new Dense(500) { Initializer = initializer })
            .Relu()
            .Add(new Dense(classes) { Initializer = initializer });
    }
}

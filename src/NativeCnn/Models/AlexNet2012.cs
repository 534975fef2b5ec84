using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Models;

/// <summary>
/// AlexNet as it was published: convolutions 96@11×11/4, 256@5×5, 384, 384 and 256@3×3, of which the second, fourth and
/// fifth have two groups (the paper's two processors); local response normalisation, then max pooling 3×3/2, behind the
/// first and second, max pooling behind the fifth; two dense layers of 4,096 with dropout ½ behind each; ReLU
/// throughout. 60,965,224 parameters for 1×224×224×3 and 1,000 classes.
/// </summary>
/// <remarks>
/// <para>A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural networks",
/// NIPS 2012.</para>
/// <para>
/// Input: the paper says 224×224 and maps of 55×55, which takes 3 more rows and columns; here 1 before and 2 behind are
/// padding. Caffe instead crops 227×227 and pads nothing; 227×227 gives 55×55 maps and the same layers here too, its
/// first windows starting a pixel earlier than Caffe's. </para>
/// <para>
/// Normalisation: the paper's, k = 2, n = 5, α = 10⁻⁴ undivided, β = ¾, which <see cref="Layers.LocalResponseNorm"/>,
/// dividing α by n, writes as α = 5·10⁻⁴; Caffe has k = 1 and divides 10⁻⁴. Its place before the pooling is the paper's
/// and Caffe's AlexNet's (CaffeNet has them the other way round). </para>
/// <para>Initial values: He's normal distribution and biases 0, where the paper has a deviation of 0.01 and some biases
/// of 1.</para>
/// </remarks>
public static class AlexNet2012
{
    private const int NormalizedMaps = 5;

    // The paper's 10⁻⁴ times the maps.
    private const float Alpha = 5e-4f;

    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×H×W×C with H and W of 64 or more; 1×224×224×3 for ImageNet.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values and of dropout.</param>
    /// <exception cref="ShapeException">The examples are too small; the message names the layer.</exception>
    public static Network Create(Shape example, int classes, ulong seed = 1) =>
        Describe(example, classes).Build(seed, "alexnet-2012");

    internal static Node Describe(Shape example, int classes) =>
        NetworkBuilder
            .Start(example)
            .Convolution(96, 11, stride: 4, new Padding(1, 1, 2, 2))
            .Relu()
            .Add(new LocalResponseNorm(NormalizedMaps, Alpha, 0.75f, k: 2))
            .MaxPooling(3, stride: 2)
            .Convolution(256, 5, padding: Padding.All(2), groups: 2)
            .Relu()
            .Add(new LocalResponseNorm(NormalizedMaps, Alpha, 0.75f, k: 2))
            .MaxPooling(3, stride: 2)
            .Convolution(384, 3, padding: Padding.All(1))
            .Relu()
            .Convolution(384, 3, padding: Padding.All(1), groups: 2)
            .Relu()
            .Convolution(256, 3, padding: Padding.All(1), groups: 2)
            .Relu()
            .MaxPooling(3, stride: 2)
            .Dense(4096)
            .Relu()
            .Dropout()
            .Dense(4096)
            .Relu()
            .Dropout()
            .Dense(classes);
}

using NativeCnn.Backends;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Models;

/// <summary>
/// The VGG networks: five blocks of 3×3 convolutions of 64, 128, 256, 512 and 512 maps, each block ended by max pooling
/// 2, two dense layers of 4,096 with dropout ½ behind each, one output per class; ReLU throughout. For 1×224×224×3 and
/// 1,000 classes VGG-16 has 138,357,544 parameters.
/// </summary>
/// <remarks>
/// <para>K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015,
/// table 1: configurations A, B, D and E. The first dense layer is as large as the input makes it.</para>
/// <para>The paper normalises nothing. With batch normalisation (S. Ioffe, C. Szegedy, 2015) it follows every
/// convolution, which then has no bias, since the mean takes it away; PyTorch's torchvision keeps the biases.</para>
/// </remarks>
public static class Vgg
{
    /// <summary>The layers with weights that there can be.</summary>
    internal static IReadOnlyList<int> Depths { get; } = [11, 13, 16, 19];

    /// <summary>Builds one of the networks.</summary>
    /// <param name="depth">Layers with weights: 11, 13, 16 or 19.</param>
    /// <param name="example">The input, 1×H×W×C with H and W of 32 or more; 1×224×224×3 for ImageNet.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values (He's normal distribution, biases 0) and of dropout.</param>
    /// <param name="hasBatchNorm">Whether batch normalisation follows every convolution.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such depth.</exception>
    /// <exception cref="ShapeException">The examples are too small; the message names the layer.</exception>
    public static Network Create(int depth, Shape example, int classes, ulong seed = 1, bool hasBatchNorm = false) =>
        Describe(depth, example, classes, hasBatchNorm).Build(seed, hasBatchNorm ? $"vgg{depth}-bn" : $"vgg{depth}");

    internal static Node Describe(int depth, Shape example, int classes, bool hasBatchNorm = false)
    {
        ReadOnlySpan<int> convolutions = ConvolutionsPerBlock(depth);
        ReadOnlySpan<int> maps = [64, 128, 256, 512, 512];
        Node x = NetworkBuilder.Start(example);
        for (int block = 0; block < maps.Length; block++)
        {
            for (int i = 0; i < convolutions[block]; i++)
            {
                x = hasBatchNorm
                    ? ResNet.Normalized(x, maps[block], 3)
                    : x.Convolution(maps[block], 3, padding: Padding.All(1));
                x = x.Relu();
            }
            x = x.MaxPooling(2);
        }
        return x.Dense(4096).Relu().Dropout().Dense(4096).Relu().Dropout().Dense(classes);
    }

    private static int[] ConvolutionsPerBlock(int depth) =>
        depth switch
        {
            11 => [1, 1, 2, 2, 2],
            13 => [2, 2, 2, 2, 2],
            16 => [2, 2, 3, 3, 3],
            19 => [2, 2, 4, 4, 4],
            _ => throw new ArgumentOutOfRangeException(
                nameof(depth),
                $"There is no VGG-{depth}; the depths are 11, 13, 16 and 19."
            ),
        };
}

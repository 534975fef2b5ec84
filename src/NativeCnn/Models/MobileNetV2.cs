using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Models;

/// <summary>
/// MobileNetV2 of width 1: a convolution 32@3×3/2, seventeen inverted residual blocks, a convolution 1,280@1×1, global
/// average pooling, dropout 0.2, one output per class; batch normalisation behind every convolution, none of which has
/// a bias, and ReLU6 behind all but a block's last. A block widens its maps sixfold by 1×1 (the first does not), filters
/// each by 3×3, and narrows them by 1×1; where its input has the output's shape, it is added. For 1×224×224×3 and 1,000
/// classes it has 3,504,872 parameters.
/// </summary>
/// <remarks>
/// M. Sandler, A. Howard, M. Zhu, A. Zhmoginov, L.-C. Chen, "MobileNetV2: inverted residuals and linear bottlenecks",
/// CVPR 2018, table 2. Dropout is that of PyTorch's torchvision. Initial values: He's normal distribution by the
/// fan-in, γ = 1, β = 0.
/// </remarks>
public static class MobileNetV2
{
    // Table 2: how many times a block's input the maps between, the maps behind, the blocks and the stride of the first.
    private static readonly (int Expansion, int Maps, int Blocks, int Stride)[] Stages =
    [
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ];

    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×H×W×C of any size; 1×224×224×3 for ImageNet.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values and of dropout.</param>
    public static Network Create(Shape example, int classes, ulong seed = 1) =>
        Describe(example, classes).Build(seed, "mobilenet-v2");

    internal static Node Describe(Shape example, int classes)
    {
        Node x = ResNet.Normalized(NetworkBuilder.Start(example), 32, 3, stride: 2).ClippedRelu();
        foreach ((int expansion, int maps, int blocks, int stride) in Stages)
        {
            for (int block = 0; block < blocks; block++)
                x = InvertedResidual(x, expansion, maps, block == 0 ? stride : 1);
        }
        return ResNet.Normalized(x, 1280, 1).ClippedRelu().GlobalAveragePooling().Dropout(0.2f).Dense(classes);
    }

    private static Node InvertedResidual(Node x, int expansion, int maps, int stride)
    {
        int width = expansion * x.Shape.Channels;
        Node wide = expansion == 1 ? x : ResNet.Normalized(x, width, 1).ClippedRelu();
        Node filtered = ResNet.Normalized(wide, width, 3, stride, groups: width).ClippedRelu();
        Node narrow = ResNet.Normalized(filtered, maps, 1);
        return stride == 1 && x.Shape.Channels == maps ? narrow.Plus(x) : narrow;
    }
}

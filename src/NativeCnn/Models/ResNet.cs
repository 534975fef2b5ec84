using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Models;

/// <summary>
/// The residual networks for ImageNet: a convolution 64@7×7/2, max pooling 3×3/2, four stages of residual blocks that
/// halve the map and double its depth, global average pooling, one output per class; batch normalisation behind every
/// convolution, none of which has a bias. 18 and 34 layers: blocks of two 3×3 convolutions; 50, 101 and 152: of 1×1,
/// 3×3 and 1×1 with four times the maps behind. For 1×224×224×3 and 1,000 classes ResNet-50 has 25,557,032 parameters.
/// </summary>
/// <remarks>
/// <para>K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016, table 1.</para>
/// <para>A shortcut that changes shape is a 1×1 convolution (the paper's option B). In the blocks of three layers the
/// stride is the 3×3 convolution's, as in PyTorch's torchvision and Facebook's Torch code; the paper has it at the
/// first 1×1, which skips three quarters of the pixels. Initial values: He's normal distribution by the fan-in, γ = 1,
/// β = 0.</para>
/// </remarks>
public static class ResNet
{
    /// <summary>The layers with weights that there can be.</summary>
    internal static IReadOnlyList<int> Depths { get; } = [18, 34, 50, 101, 152];

    private const int StemMaps = 64;
    private const int BottleneckExpansion = 4;

    /// <summary>Builds one of the networks.</summary>
    /// <param name="depth">Layers with weights: 18, 34, 50, 101 or 152.</param>
    /// <param name="example">The input, 1×H×W×C of any size; 1×224×224×3 for ImageNet.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such depth.</exception>
    public static Network Create(int depth, Shape example, int classes, ulong seed = 1) =>
        Describe(depth, example, classes).Build(seed, $"resnet{depth}");

    internal static Node Describe(int depth, Shape example, int classes)
    {
        (int[] blocks, bool isBottleneck) = BlocksPerStage(depth);
        Node x = Normalized(NetworkBuilder.Start(example), StemMaps, 7, stride: 2)
            .Relu()
            .Add(new MaxPooling(3, 2) { Padding = Padding.All(1) });
        for (int stage = 0; stage < blocks.Length; stage++)
        {
            int maps = StemMaps << stage;
            for (int block = 0; block < blocks[stage]; block++)
            {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                x = isBottleneck ? Bottleneck(x, maps, stride) : Basic(x, maps, stride);
            }
        }
        return x.GlobalAveragePooling().Dense(classes);
    }

    /// <summary>Two 3×3 convolutions beside a shortcut.</summary>
    internal static Node Basic(Node x, int maps, int stride)
    {
        Node residual = Normalized(Normalized(x, maps, 3, stride).Relu(), maps, 3);
        return residual.Plus(Shortcut(x, maps, stride)).Relu();
    }

    /// <summary>
    /// A convolution without bias whose padding keeps the map's size at stride 1, and batch normalisation.
    /// </summary>
    internal static Node Normalized(Node x, int maps, int kernel, int stride = 1, int groups = 1) =>
        x.Add(
                new Convolution(maps, kernel)
                {
                    Stride = stride,
                    Padding = Padding.All(kernel / 2),
                    Groups = groups,
                    Bias = false,
                }
            )
            .BatchNorm();

    private static Node Bottleneck(Node x, int maps, int stride)
    {
        Node reduced = Normalized(x, maps, 1).Relu();
        Node residual = Normalized(Normalized(reduced, maps, 3, stride).Relu(), maps * BottleneckExpansion, 1);
        return residual.Plus(Shortcut(x, maps * BottleneckExpansion, stride)).Relu();
    }

    private static Node Shortcut(Node x, int maps, int stride) =>
        stride == 1 && x.Shape.Channels == maps ? x : Normalized(x, maps, 1, stride);

    private static (int[] Blocks, bool IsBottleneck) BlocksPerStage(int depth) =>
        depth switch
        {
            18 => ([2, 2, 2, 2], false),
            34 => ([3, 4, 6, 3], false),
            50 => ([3, 4, 6, 3], true),
            101 => ([3, 4, 23, 3], true),
            152 => ([3, 8, 36, 3], true),
            _ => throw new ArgumentOutOfRangeException(
                nameof(depth),
                $"There is no ResNet-{depth} for ImageNet; the depths are 18, 34, 50, 101 and 152."
            ),
        };
}

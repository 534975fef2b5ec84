using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Schedules;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Models;

/// <summary>
/// The residual networks for small pictures: a convolution 16@3×3, three stages of (depth − 2) / 6 blocks of two 3×3
/// convolutions with 16, 32 and 64 maps, the first blocks of the second and third with stride 2, global average
/// pooling, one output per class; batch normalisation behind every convolution, none of which has a bias. For 1×32×32×3
/// and 10 classes ResNet-20 has 272,474 parameters.
/// </summary>
/// <remarks>
/// K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016, section 4.2. A shortcut
/// that changes shape is a 1×1 convolution (option B of the paper, which pads with zero maps here: 2,752 parameters
/// less). Initial values: He's normal distribution by the fan-in, γ = 1, β = 0.
/// </remarks>
public static class ResNetForCifar
{
    /// <summary>The layers with weights that there can be.</summary>
    internal static IReadOnlyList<int> Depths { get; } = [20, 32, 44, 56, 110];

    private const int StemMaps = 16;
    private const int Stages = 3;

    /// <summary>Builds one of the networks.</summary>
    /// <param name="depth">Layers with weights, shortcuts not counted: 20, 32, 44, 56 or 110.</param>
    /// <param name="example">The input, 1×H×W×C of any size; 1×32×32×3 for CIFAR.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such depth.</exception>
    public static Network Create(int depth, Shape example, int classes, ulong seed = 1) =>
        Describe(depth, example, classes).Build(seed, $"resnet{depth}");

    internal static CatalogModel Entry(int depth) =>
        new($"resnet{depth}", (example, classes) => Describe(depth, example, classes), Train)
        {
            Example = new Shape(1, 32, 32, 3),
        };

    // The paper's, but for its two steps of the rate: it trains for 164 epochs.
    private static TrainerOptions Train() =>
        new()
        {
            Epochs = 5,
            BatchSize = 128,
            Optimizer = new Sgd
            {
                LearningRate = 0.1f,
                Momentum = 0.9f,
                WeightDecay = 1e-4f,
            },
            Schedule = new CosineSchedule(),
        };

    internal static Node Describe(int depth, Shape example, int classes)
    {
        if (!Depths.Contains(depth))
            throw new ArgumentOutOfRangeException(
                nameof(depth),
                $"There is no ResNet-{depth} for CIFAR; the depths are 20, 32, 44, 56 and 110."
            );
        Node x = ResNet.Normalized(NetworkBuilder.Start(example), StemMaps, 3).Relu();
        for (int stage = 0; stage < Stages; stage++)
        for (int block = 0; block < (depth - 2) / 6; block++)
            x = ResNet.Basic(x, StemMaps << stage, stride: stage > 0 && block == 0 ? 2 : 1);
        return x.GlobalAveragePooling().Dense(classes);
    }
}

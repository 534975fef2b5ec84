using NativeCnn.Backends.Native;
using NativeCnn.Data;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;

namespace NativeCnn.Tests.Models;

/// <summary>
/// The networks of the catalogue against the sizes that their papers and PyTorch give; none takes its parameters'
/// memory.
/// </summary>
public sealed class ModelTests
{
    private static readonly Shape ImageNet = new(1, 224, 224, 3);

    [Theory]
    [InlineData("alexnet", 61_100_840, 714_188_480)]
    [InlineData("alexnet-2012", 60_965_224, 724_406_816)]
    [InlineData("vgg11", 132_863_336, 7_609_090_048)]
    [InlineData("vgg13", 133_047_848, 11_308_466_176)]
    [InlineData("vgg16", 138_357_544, 15_470_264_320)]
    [InlineData("vgg19", 143_667_240, 19_632_062_464)]
    [InlineData("mobilenet-v2", 3_504_872, 300_774_272)]
    [InlineData("resnet18", 11_689_512, 1_814_073_344)]
    [InlineData("resnet34", 21_797_672, 3_663_761_408)]
    [InlineData("resnet50", 25_557_032, 4_089_184_256)]
    [InlineData("resnet101", 44_549_160, 7_801_405_440)]
    [InlineData("resnet152", 60_192_808, 11_513_626_624)]
    public void Parameters_and_multiply_adds_for_ImageNet_are_the_published_ones(
        string name,
        long parameters,
        long multiplyAdds
    )
    {
        using Network network = ModelCatalog.CreateWithoutValues(name, ImageNet, 1000);
        NetworkSummary summary = network.Summarize(2);
        Assert.Equal(parameters, summary.Parameters);
        Assert.Equal(2 * multiplyAdds, summary.MultiplyAdds);
    }

    [Theory]
    [InlineData("vgg11-bn", 132_863_336 + 2_752)]
    [InlineData("vgg16-bn", 138_357_544 + 4_224)]
    public void Batch_normalisation_has_two_parameters_a_map_and_takes_the_bias_away(string name, long parameters)
    {
        using Network network = ModelCatalog.CreateWithoutValues(name, ImageNet, 1000);
        Assert.Equal(parameters, network.Summarize(1).Parameters);
        Assert.All(
            network.Nodes.Where(node => node.Layer.Kind == "convolution"),
            node => Assert.False(((Convolution)node.Layer).Bias)
        );
    }

    [Theory]
    [InlineData("resnet20", 272_474)]
    [InlineData("resnet32", 466_906)]
    [InlineData("resnet44", 661_338)]
    [InlineData("resnet56", 855_770)]
    [InlineData("resnet110", 1_730_714)]
    public void ResNets_for_Cifar_have_the_parameters_of_their_option_B(string name, long parameters)
    {
        CatalogModel model = ModelCatalog.Find(name);
        using Network network = ModelCatalog.CreateWithoutValues(name, model.Example, 10);
        Assert.Equal(parameters, network.Summarize(1).Parameters);
        Assert.Equal(["32×32×16", "16×16×32", "8×8×64", "1×1×64", "1×1×10"], ShapesOf(network));
    }

    [Fact]
    public void ResNet50_has_the_shapes_of_the_paper()
    {
        using Network network = ModelCatalog.CreateWithoutValues("resnet50", ImageNet, 1000);
        Assert.Equal(
            [
                "112×112×64",
                "56×56×64",
                "56×56×256",
                "56×56×128",
                "28×28×128",
                "28×28×512",
                "28×28×256",
                "14×14×256",
                "14×14×1024",
                "14×14×512",
                "7×7×512",
                "7×7×2048",
                "1×1×2048",
                "1×1×1000",
            ],
            ShapesOf(network)
        );
        Assert.Equal(53, CountOf(network, "convolution"));
        Assert.Equal(53, CountOf(network, "batch-norm"));
        Assert.Equal(16, CountOf(network, "addition"));
    }

    [Fact]
    public void AlexNet_has_the_shapes_of_PyTorchs()
    {
        using Network network = ModelCatalog.CreateWithoutValues("alexnet", ImageNet, 1000);
        Assert.Equal(
            [
                "55×55×64",
                "27×27×64",
                "27×27×192",
                "13×13×192",
                "13×13×384",
                "13×13×256",
                "6×6×256",
                "1×1×4096",
                "1×1×1000",
            ],
            ShapesOf(network)
        );
    }

    [Theory]
    [InlineData(224)]
    [InlineData(227)]
    public void AlexNet2012_has_the_shapes_of_the_paper_for_both_sizes_that_are_used(int size)
    {
        using Network network = ModelCatalog.CreateWithoutValues("alexnet-2012", new Shape(1, size, size, 3), 1000);
        Assert.Equal(
            ["55×55×96", "27×27×96", "27×27×256", "13×13×256", "13×13×384", "6×6×256", "1×1×4096", "1×1×1000"],
            ShapesOf(network)
        );
    }

    [Fact]
    public void Vgg16_has_the_shapes_of_configuration_D()
    {
        using Network network = ModelCatalog.CreateWithoutValues("vgg16", ImageNet, 1000);
        Assert.Equal(
            [
                "224×224×64",
                "112×112×64",
                "112×112×128",
                "56×56×128",
                "56×56×256",
                "28×28×256",
                "28×28×512",
                "14×14×512",
                "7×7×512",
                "1×1×4096",
                "1×1×1000",
            ],
            ShapesOf(network)
        );
        Assert.Equal(13, CountOf(network, "convolution"));
        Assert.Equal(3, CountOf(network, "dense"));
    }

    [Theory]
    [InlineData("alexnet", 63)]
    [InlineData("alexnet-2012", 64)]
    [InlineData("vgg11", 32)]
    [InlineData("vgg19", 32)]
    public void The_smallest_image_works_and_a_smaller_one_names_the_layer(string name, int size)
    {
        using Network smallest = ModelCatalog.CreateWithoutValues(name, new Shape(1, size, size, 1), 7);
        Assert.Equal(Shape.Vector(1, 7), smallest.OutputShape);
        var e = Assert.Throws<ShapeException>(() =>
            ModelCatalog.CreateWithoutValues(name, new Shape(1, size, size - 1, 1), 7)
        );
        Assert.Contains("Layer 'max-pooling", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_depth_is_refused_with_the_known_ones()
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => Vgg.Create(12, ImageNet, 10));
        Assert.Contains("There is no VGG-12; the depths are 11, 13, 16 and 19.", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<ArgumentOutOfRangeException>(() => ResNet.Create(20, ImageNet, 10));
        Assert.Contains("There is no ResNet-20 for ImageNet", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<ArgumentOutOfRangeException>(() => ResNetForCifar.Create(50, ImageNet, 10));
        Assert.Contains("There is no ResNet-50 for CIFAR", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MobileNetV2_has_the_shapes_of_its_table_2()
    {
        using Network network = ModelCatalog.CreateWithoutValues("mobilenet-v2", ImageNet, 1000);
        Assert.Equal(
            [
                "112×112×32",
                "112×112×16",
                "112×112×96",
                "56×56×96",
                "56×56×24",
                "56×56×144",
                "28×28×144",
                "28×28×32",
                "28×28×192",
                "14×14×192",
                "14×14×64",
                "14×14×384",
                "14×14×96",
                "14×14×576",
                "7×7×576",
                "7×7×160",
                "7×7×960",
                "7×7×320",
                "7×7×1280",
                "1×1×1280",
                "1×1×1000",
            ],
            ShapesOf(network)
        );
        Assert.Equal(10, CountOf(network, "addition"));
        Assert.Equal(17, network.Nodes.Count(node => node.Layer is Convolution { Groups: > 1 }));
    }

    [Fact]
    public void ResNet20_learns_digits()
    {
        SyntheticDigits digits = SyntheticDigits.CreateTrain(400);
        using Network network = ModelCatalog.Create("resnet20", digits.ExampleShape, 10, seed: 1);
        using var backend = new NativeBackend(2);
        using var trainer = new Trainer(
            network,
            backend,
            new TrainerOptions
            {
                Epochs = 4,
                BatchSize = 16,
                Optimizer = new Sgd { LearningRate = 0.02f, Momentum = 0.9f },
            }
        );
        // Guessing costs ln 10 = 2.3.
        double loss = trainer.Train(digits).History[^1].TrainLoss;
        Assert.True(loss < 0.8, $"The last loss is {loss}.");
    }

    [Fact]
    public void ResNet_gradients_agree_with_central_differences()
    {
        using Network network = ResNetForCifar.Create(20, new Shape(1, 9, 9, 2), 4, seed: 3);
        using Tensor input = NetworkCases.Input(network, 3, 1);
        int[] labels = NetworkCases.Labels(network, 3, 1);
        var result = GradientCheck.Run(network, new SoftmaxCrossEntropy(), input, labels, elements: 2);
        Assert.True(result.IsRight, $"{result}");
    }

    [Fact]
    public void The_catalogue_builds_what_it_names()
    {
        using Network network = ModelCatalog.Create("LeNet", new Shape(1, 28, 28, 1), 10, 3);
        Assert.Equal("lenet", network.Name);
        var e = Assert.Throws<ArgumentException>(() => ModelCatalog.Create("vgg12", ImageNet, 10));
        Assert.Contains("vgg16", e.Message, StringComparison.Ordinal);
    }

    /// <summary>The outputs of one example in their order, each named once.</summary>
    private static int CountOf(Network network, string kind) => network.Nodes.Count(node => node.Layer.Kind == kind);

    private static IEnumerable<string> ShapesOf(Network network) =>
        network
            .Nodes.Select(node => $"{node.OutputShape.Height}×{node.OutputShape.Width}×{node.OutputShape.Channels}")
            .Distinct();
}

using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Models;

/// <summary>The networks that can be made by name.</summary>
public static class ModelCatalog
{
    private static readonly CatalogModel[] All =
    [
        ImageNet("alexnet", AlexNet.Describe),
        ImageNet("alexnet-2012", AlexNet2012.Describe),
        LeCun1989.Entry,
        new CatalogModel("lenet", LeNet.Describe),
        LeNet5.Entry,
        ImageNet("mobilenet-v2", MobileNetV2.Describe),
        MultiLayerPerceptron.Entry,
        Neocognitron.Entry,
        Perceptron.Entry,
        .. ResNet.Depths.Select(depth =>
            ImageNet($"resnet{depth}", (example, classes) => ResNet.Describe(depth, example, classes))
        ),
        .. ResNetForCifar.Depths.Select(ResNetForCifar.Entry),
        ScanningMlp.Entry,
        SimplifiedZipNetwork.Entry,
        TimeDelayNetwork.Entry,
        .. Vgg.Depths.Select(depth =>
            ImageNet($"vgg{depth}", (example, classes) => Vgg.Describe(depth, example, classes))
        ),
        .. Vgg.Depths.Select(depth =>
            ImageNet($"vgg{depth}-bn", (example, classes) => Vgg.Describe(depth, example, classes, hasBatchNorm: true))
        ),
        Xor.Entry,
    ];

    private static readonly SortedDictionary<string, CatalogModel> Models = new(
        All.ToDictionary(model => model.Name),
        StringComparer.Ordinal
    );

    /// <summary>The names, sorted.</summary>
    public static IReadOnlyList<string> Names => [.. Models.Keys];

    /// <summary>The model of a name, in capitals or not.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no model of that name; the message lists the names.</exception>
    public static CatalogModel Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Models.TryGetValue(name.ToLowerInvariant(), out CatalogModel? model)
            ? model
            : throw new ArgumentException($"There is no model '{name}'; the models are {string.Join(", ", Names)}.");
    }

    /// <summary>Builds a network with initialised parameters.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="example">The input of one example, 1×H×W×C.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values.</param>
    /// <exception cref="ArgumentException">There is no model of that name; the message lists the names.</exception>
    /// <exception cref="ShapeException">The examples are too small for the model.</exception>
    public static Network Create(string name, Shape example, int classes, ulong seed = 1) =>
        Find(name).Create(example, classes, seed);

    /// <summary>As <see cref="Create"/>, before the parameters have values and memory: what a summary needs.</summary>
    internal static Network CreateWithoutValues(string name, Shape example, int classes) =>
        Find(name).CreateWithoutValues(example, classes);

    private static CatalogModel ImageNet(string name, Func<Shape, int, Node> describe) =>
        new(name, describe) { Example = new Shape(1, 224, 224, 3), Classes = 1000 };
}

using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>The poolings of published networks, by name; average pooling is measured on the same ones.</summary>
internal static class PoolingLayers
{
    /// <summary>All of them.</summary>
    public static IReadOnlyDictionary<string, PoolingGeometry> All { get; } =
        new Dictionary<string, PoolingGeometry>
        {
            ["lenet-pool1"] = new(new Shape(64, 24, 24, 20), 2),
            ["lenet-pool2"] = new(new Shape(64, 8, 8, 50), 2),
            ["alexnet-pool1"] = new(new Shape(32, 55, 55, 64), 3, new Size2(2, 2)),
            ["alexnet-pool5"] = new(new Shape(32, 13, 13, 256), 3, new Size2(2, 2)),
            ["vgg16-pool1"] = new(new Shape(4, 224, 224, 64), 2),
            ["resnet50-pool1"] = new(new Shape(8, 112, 112, 64), 3, new Size2(2, 2), Padding.All(1)),
            ["resnet50-global"] = new(new Shape(8, 7, 7, 2048), 7),
        };
}

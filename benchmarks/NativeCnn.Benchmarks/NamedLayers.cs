using NativeCnn.Backends;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>A convolution of a published network, at the batch size of docs/performance.md.</summary>
/// <param name="Name">Network and layer, as in <c>vgg16-conv1_2</c>.</param>
/// <param name="Geometry">The sizes.</param>
/// <param name="IsCompared">Whether it is one of the layers whose geometric mean against oneDNN is reported.</param>
internal sealed record NamedLayer(string Name, ConvolutionGeometry Geometry, bool IsCompared)
{
    /// <summary>The algorithms that can compute all three passes, by the names that force them; the planner's choice is not one.</summary>
    public IEnumerable<string> Algorithms
    {
        get
        {
            yield return "im2col";
            yield return "direct";
            if (WinogradTiling.KindFor(Geometry, smallTiles: false) is not null)
                yield return "winograd4";
            if (WinogradTiling.KindFor(Geometry, smallTiles: true) is not null)
                yield return "winograd2";
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The convolutions that are measured, by BenchmarkDotNet and against oneDNN: one list for both.</summary>
internal static class NamedLayers
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<NamedLayer> All { get; } =
    [
        Layer("lenet-conv1", 64, 28, 1, 20, 5),
        Layer("lenet-conv2", 64, 12, 20, 50, 5),
        Layer("alexnet-conv1", 32, 224, 3, 64, 11, stride: 4, padding: 2),
        Compared("alexnet-conv2", 32, 27, 64, 192, 5, padding: 2),
        Layer("alexnet-conv3", 32, 13, 192, 384, 3, padding: 1),
        Layer("alexnet-conv4", 32, 13, 384, 256, 3, padding: 1),
        Layer("alexnet-conv5", 32, 13, 256, 256, 3, padding: 1),
        Layer("vgg16-conv1_1", 4, 224, 3, 64, 3, padding: 1),
        Compared("vgg16-conv1_2", 4, 224, 64, 64, 3, padding: 1),
        Layer("vgg16-conv2_1", 4, 112, 64, 128, 3, padding: 1),
        Compared("vgg16-conv2_2", 4, 112, 128, 128, 3, padding: 1),
        Compared("vgg16-conv3_2", 4, 56, 256, 256, 3, padding: 1),
        Layer("vgg16-conv4_2", 4, 28, 512, 512, 3, padding: 1),
        Compared("vgg16-conv5_1", 4, 14, 512, 512, 3, padding: 1),
        Layer("resnet20-3x3-16", 128, 32, 16, 16, 3, padding: 1),
        Compared("resnet20-3x3-64", 128, 8, 64, 64, 3, padding: 1),
        Compared("resnet50-conv1", 8, 224, 3, 64, 7, stride: 2, padding: 3),
        Compared("resnet50-conv2-1x1", 8, 56, 256, 64, 1),
        Compared("resnet50-conv2-3x3", 8, 56, 64, 64, 3, padding: 1),
        Compared("resnet50-conv3-3x3", 8, 28, 128, 128, 3, padding: 1),
        Compared("resnet50-conv5-1x1", 8, 7, 512, 2048, 1),
    ];

    /// <summary>The layer of this name, or null.</summary>
    public static NamedLayer? Find(string name) => All.FirstOrDefault(layer => layer.Name == name);

    private static NamedLayer Compared(
        string name,
        int batch,
        int size,
        int channels,
        int filters,
        int kernel,
        int stride = 1,
        int padding = 0
    ) => Layer(name, batch, size, channels, filters, kernel, stride, padding) with { IsCompared = true };

    private static NamedLayer Layer(
        string name,
        int batch,
        int size,
        int channels,
        int filters,
        int kernel,
        int stride = 1,
        int padding = 0
    ) =>
        new(
            name,
            new ConvolutionGeometry(
                new Shape(batch, size, size, channels),
                filters,
                kernel,
                new Size2(stride, stride),
                padding: Padding.All(padding)
            ),
            IsCompared: false
        );
}

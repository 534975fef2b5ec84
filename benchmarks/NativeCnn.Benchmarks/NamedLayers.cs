using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>A convolution of a published network, at the batch size of docs/performance.md.</summary>
/// <param name="Name">Network and layer, as in <c>vgg16-conv1_2</c>.</param>
/// <param name="Geometry">The sizes.</param>
/// <param name="IsCompared">Whether its ratio to oneDNN is part of the mean that is reported.</param>
internal sealed record NamedLayer(string Name, ConvolutionGeometry Geometry, bool IsCompared);

/// <summary>The convolutions that are measured, by BenchmarkDotNet and against oneDNN: one list for both.</summary>
internal static class NamedLayers
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<NamedLayer> All { get; } =
    [
        Layer("lenet-conv1", 64, 28, 1, 20, 5),
        Layer("lenet-conv2", 64, 12, 20, 50, 5),
        Layer("alexnet-conv1", 32, 224, 3, 64, 11, stride: 4, padding: 2),
        Layer("alexnet-conv2", 32, 27, 64, 192, 5, padding: 2, compared: true),
        Layer("alexnet-conv3", 32, 13, 192, 384, 3, padding: 1),
        Layer("alexnet-conv4", 32, 13, 384, 256, 3, padding: 1),
        Layer("alexnet-conv5", 32, 13, 256, 256, 3, padding: 1),
        Layer("alexnet-2012-conv2", 32, 27, 96, 256, 5, padding: 2, groups: 2),
        Layer("vgg16-conv1_1", 4, 224, 3, 64, 3, padding: 1),
        Layer("vgg16-conv1_2", 4, 224, 64, 64, 3, padding: 1, compared: true),
        Layer("vgg16-conv2_1", 4, 112, 64, 128, 3, padding: 1),
        Layer("vgg16-conv2_2", 4, 112, 128, 128, 3, padding: 1, compared: true),
        Layer("vgg16-conv3_2", 4, 56, 256, 256, 3, padding: 1, compared: true),
        Layer("vgg16-conv4_2", 4, 28, 512, 512, 3, padding: 1),
        Layer("vgg16-conv5_1", 4, 14, 512, 512, 3, padding: 1, compared: true),
        Layer("resnet20-conv1", 128, 32, 3, 16, 3, padding: 1),
        Layer("resnet20-3x3-16", 128, 32, 16, 16, 3, padding: 1),
        Layer("resnet20-3x3s2-32", 128, 32, 16, 32, 3, stride: 2, padding: 1),
        Layer("resnet20-3x3-64", 128, 8, 64, 64, 3, padding: 1, compared: true),
        Layer("resnet50-conv1", 8, 224, 3, 64, 7, stride: 2, padding: 3, compared: true),
        Layer("resnet50-conv2-1x1", 8, 56, 256, 64, 1, compared: true),
        Layer("resnet50-conv2-3x3", 8, 56, 64, 64, 3, padding: 1, compared: true),
        Layer("resnet50-conv3-3x3", 8, 28, 128, 128, 3, padding: 1, compared: true),
        Layer("resnet50-conv4-1x1", 8, 14, 1024, 256, 1),
        Layer("resnet50-conv4-3x3s2", 8, 28, 256, 256, 3, stride: 2, padding: 1),
        Layer("resnet50-conv5-1x1", 8, 7, 512, 2048, 1, compared: true),
        Layer("heatmaps-1x1", 8, 56, 64, 2, 1),
        Layer("resnet50-conv5-1x1-narrowing", 8, 7, 2048, 512, 1),
        Layer("resnet50-conv5-3x3s2", 8, 14, 512, 512, 3, stride: 2, padding: 1),
        Layer("mobilenet-depthwise1", 8, 112, 32, 32, 3, padding: 1, groups: 32),
        Layer("mobilenet-depthwise2", 8, 112, 64, 64, 3, stride: 2, padding: 1, groups: 64),
        Layer("mobilenet-depthwise3", 8, 56, 128, 128, 3, padding: 1, groups: 128),
        Layer("mobilenet-depthwise4", 8, 56, 128, 128, 3, stride: 2, padding: 1, groups: 128),
        Layer("mobilenet-depthwise5", 8, 28, 256, 256, 3, padding: 1, groups: 256),
        Layer("mobilenet-depthwise6", 8, 28, 256, 256, 3, stride: 2, padding: 1, groups: 256),
        Layer("mobilenet-depthwise7", 8, 14, 512, 512, 3, padding: 1, groups: 512),
        Layer("mobilenet-depthwise12", 8, 14, 512, 512, 3, stride: 2, padding: 1, groups: 512),
        Layer("mobilenet-depthwise13", 8, 7, 1024, 1024, 3, padding: 1, groups: 1024),
        Layer("mobilenetv2-2-expand", 8, 112, 16, 96, 1),
        Layer("mobilenetv2-2-project", 8, 56, 96, 24, 1),
        Layer("mobilenetv2-3-expand", 8, 56, 24, 144, 1),
        Layer("mobilenetv2-3-project", 8, 56, 144, 24, 1),
        Layer("mobilenetv2-7-project", 8, 14, 192, 64, 1),
        Layer("mobilenetv2-8-expand", 8, 14, 64, 384, 1),
        Layer("resnext50-conv2", 8, 56, 128, 128, 3, padding: 1, groups: 32),
        Layer("resnext50-conv3_1", 8, 56, 256, 256, 3, stride: 2, padding: 1, groups: 32),
        Layer("resnext50-conv3", 8, 28, 256, 256, 3, padding: 1, groups: 32),
        Layer("resnext50-conv4_1", 8, 28, 512, 512, 3, stride: 2, padding: 1, groups: 32),
        Layer("resnext50-conv4", 8, 14, 512, 512, 3, padding: 1, groups: 32),
        Layer("resnext50-conv5_1", 8, 14, 1024, 1024, 3, stride: 2, padding: 1, groups: 32),
        Layer("resnext50-conv5", 8, 7, 1024, 1024, 3, padding: 1, groups: 32),
    ];

    private static NamedLayer Layer(
        string name,
        int batch,
        int size,
        int channels,
        int filters,
        int kernel,
        int stride = 1,
        int padding = 0,
        int groups = 1,
        bool compared = false
    )
    {
        Shape input = new(batch, size, size, channels);
        Padding border = Padding.All(padding);
        return new(name, new(input, filters, kernel, (Size2)stride, padding: border, groups: groups), compared);
    }
}

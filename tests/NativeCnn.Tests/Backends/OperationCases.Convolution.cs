using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

public static partial class OperationCases
{
    /// <summary>The geometries that every convolution pass is checked on.</summary>
    public static IReadOnlyList<ConvolutionGeometry> ConvolutionGeometries { get; } =
    [
        // Pointwise, and 1×1 kernels that are not.
        new(new(1, 1, 1, 1), 1, 1),
        new(new(3, 7, 5, 17), 4, 1),
        new(new(1, 8, 8, 33), 16, 1),
        new(new(1, 7, 8, 4), 3, 1, stride: 2),
        new(new(1, 4, 4, 3), 5, 1, padding: Padding.All(1)),
        // 3×3 over the channel counts that vector code splits differently.
        new(new(1, 6, 7, 1), 3, 3),
        new(new(3, 6, 7, 3), 16, 3, padding: Padding.All(1)),
        new(new(1, 9, 8, 4), 17, 3, padding: Padding.All(1)),
        new(new(3, 8, 8, 16), 16, 3, padding: Padding.All(1)),
        new(new(1, 5, 6, 17), 33, 3),
        new(new(1, 6, 5, 33), 17, 3, padding: Padding.Same(3)),
        new(new(1, 5, 5, 2), 65, 3),
        // Strides.
        new(new(3, 9, 9, 4), 5, 3, stride: 2, padding: Padding.All(1)),
        new(new(1, 11, 10, 3), 4, 5, stride: 3, padding: Padding.All(2)),
        new(new(1, 16, 16, 1), 12, 5, stride: 2, padding: Padding.All(2)),
        new(new(1, 9, 12, 3), 4, new(3, 5), stride: new(1, 2)),
        new(new(1, 8, 8, 3), 4, 2, stride: 3),
        // Padding: four different sides, crops, more than the kernel's reach.
        new(new(1, 6, 7, 3), 4, 3, padding: new(1, 2, 3, 0)),
        new(new(3, 9, 9, 3), 4, 3, padding: new(-1, -2, 0, -1)),
        new(new(1, 7, 8, 4), 3, 3, stride: 2, padding: new(2, -1, -1, 2)),
        new(new(1, 4, 5, 3), 4, 3, padding: Padding.All(4)),
        new(new(1, 5, 5, 3), 4, 3, padding: Padding.Full(3)),
        new(new(1, 6, 6, 3), 4, 4, padding: Padding.Same(4)),
        // Dilation.
        new(new(1, 9, 9, 4), 5, 3, dilation: 2, padding: Padding.Same(3, 2)),
        new(new(3, 10, 9, 3), 4, 3, stride: 2, dilation: 2, padding: Padding.All(2)),
        new(new(1, 8, 12, 3), 4, 3, dilation: new(1, 3)),
        // Groups; depthwise, and depthwise with two filters a channel.
        new(new(3, 7, 7, 4), 6, 3, padding: Padding.All(1), groups: 2),
        new(new(1, 7, 7, 16), 16, 3, padding: Padding.All(1), groups: 16),
        new(new(1, 8, 8, 17), 17, 3, stride: 2, padding: Padding.All(1), groups: 17),
        new(new(3, 12, 20, 65), 65, 3, groups: 65),
        new(new(1, 11, 9, 33), 33, new(5, 2), stride: new(1, 2), padding: new(3, 0, -1, 2), groups: 33),
        new(new(1, 10, 13, 5), 5, 3, dilation: 2, padding: Padding.All(2), groups: 5),
        new(new(1, 6, 6, 4), 8, 5, padding: Padding.All(2), groups: 4),
        new(new(1, 5, 5, 8), 4, 1, groups: 4),
        // Images smaller than the kernel.
        new(new(1, 1, 1, 3), 4, 3, padding: Padding.All(1)),
        new(new(3, 3, 3, 2), 3, 7, padding: Padding.All(3)),
        // The kernel is the image: a dense layer.
        new(new(3, 4, 4, 5), 7, 4),
        // One dimension.
        new(new(3, 1, 20, 3), 4, new(1, 5)),
        new(new(1, 20, 1, 3), 4, new(5, 1), stride: new(2, 1), padding: new(2, 0, 2, 0)),
        // LeNet.
        new(new(3, 28, 28, 1), 20, 5),
        new(new(3, 12, 12, 20), 50, 5),
    ];

    private static IEnumerable<OperationCase> Convolutions()
    {
        for (int k = 0; k < ConvolutionGeometries.Count; k++)
        {
            ConvolutionGeometry geometry = ConvolutionGeometries[k];
            // Each geometry takes its turn with an activation, and every third goes without a bias.
            Activation activation = Activations[k % Activations.Count];
            yield return k % 3 == 2 ? Unbiased(geometry, activation) : Biased(geometry, activation);
            yield return new(
                $"ConvolutionBackwardData {geometry}",
                [
                    Input("outputGradient", geometry.Output),
                    Input("filters", geometry.FilterShape),
                    Overwritten("inputGradient", geometry.Input),
                ],
                geometry.FiltersPerGroup * geometry.KernelHeight * geometry.KernelWidth,
                Body((b, t) => b.ConvolutionBackwardData(b.PlanConvolution(geometry), t[0], t[1], t[2]))
            );
            yield return new(
                $"ConvolutionBackwardFilter {geometry}",
                [
                    Input("input", geometry.Input),
                    Input("outputGradient", geometry.Output),
                    Accumulated("filterGradient", geometry.FilterShape),
                ],
                geometry.OutputPixels + 1,
                Body((b, t) => b.ConvolutionBackwardFilter(b.PlanConvolution(geometry), t[0], t[1], t[2]))
            );
        }
    }

    private static OperationCase Biased(ConvolutionGeometry geometry, Activation activation) =>
        new(
            $"ConvolutionForward {geometry}, bias, {NameOf(activation)}",
            [
                Input("input", geometry.Input),
                Input("filters", geometry.FilterShape),
                Input("bias", Shape.Vector(1, geometry.Filters)),
                Overwritten("output", geometry.Output),
            ],
            geometry.Taps + 1,
            Body((b, t) => b.ConvolutionForward(b.PlanConvolution(geometry), t[0], t[1], t[2], activation, t[3]))
        );

    private static OperationCase Unbiased(ConvolutionGeometry geometry, Activation activation) =>
        new(
            $"ConvolutionForward {geometry}, no bias, {NameOf(activation)}",
            [
                Input("input", geometry.Input),
                Input("filters", geometry.FilterShape),
                Overwritten("output", geometry.Output),
            ],
            geometry.Taps,
            Body((b, t) => b.ConvolutionForward(b.PlanConvolution(geometry), t[0], t[1], null, activation, t[2]))
        );

    private static IEnumerable<OperationCase> Biases()
    {
        Shape[] shapes = [new(1, 1, 1, 1), new(3, 5, 7, 17), new(2, 24, 24, 20), new(64, 1, 1, 10), new(1, 1, 1, 33)];
        foreach (Shape shape in shapes)
        {
            yield return new(
                $"BiasBackward {shape}",
                [Input("outputGradient", shape), Accumulated("biasGradient", Shape.Vector(1, shape.Channels))],
                shape.PixelCount + 1,
                Body((b, t) => b.BiasBackward(t[0], t[1]))
            );
            foreach (Activation activation in Activations)
            {
                yield return new(
                    $"ActivationBiasBackward {shape}, {NameOf(activation)}",
                    [
                        Input("output", shape, Fillers.OutputOf(activation)),
                        Input("outputGradient", shape),
                        Overwritten("inputGradient", shape),
                        Accumulated("biasGradient", Shape.Vector(1, shape.Channels)),
                    ],
                    shape.PixelCount + 5,
                    Body((b, t) => b.ActivationBiasBackward(activation, t[0], t[1], t[2], t[3]))
                );
            }
        }
    }
}

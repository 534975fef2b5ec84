using NativeCnn.Tensors;

namespace NativeCnn.Backends;

// Convolution, and the bias gradient of convolution and dense.
internal static partial class OperationChecks
{
    public static void ConvolutionForward(
        in ConvolutionGeometry geometry,
        Tensor input,
        Tensor filters,
        Tensor? bias,
        in Activation activation,
        Tensor output,
        ElementType type
    )
    {
        Expect(input, geometry.Input, type);
        Expect(filters, geometry.FilterShape, type);
        if (bias is not null)
            Expect(bias, Shape.Vector(1, geometry.Filters), type);
        Expect(output, geometry.Output, type);
        Expect(activation);
        Apart(output, input);
        Apart(output, filters);
        Apart(output, bias);
    }

    public static void ConvolutionBackwardData(
        in ConvolutionGeometry geometry,
        Tensor outputGradient,
        Tensor filters,
        Tensor inputGradient,
        ElementType type
    )
    {
        Expect(outputGradient, geometry.Output, type);
        Expect(filters, geometry.FilterShape, type);
        Expect(inputGradient, geometry.Input, type);
        Apart(inputGradient, outputGradient);
        Apart(inputGradient, filters);
    }

    public static void ConvolutionBackwardFilter(
        in ConvolutionGeometry geometry,
        Tensor input,
        Tensor outputGradient,
        Tensor filterGradient,
        ElementType type
    )
    {
        Expect(input, geometry.Input, type);
        Expect(outputGradient, geometry.Output, type);
        Expect(filterGradient, geometry.FilterShape, type);
        Apart(filterGradient, input);
        Apart(filterGradient, outputGradient);
    }

    public static void BiasBackward(Tensor outputGradient, Tensor biasGradient, ElementType type)
    {
        Expect(outputGradient, type);
        Expect(biasGradient, Shape.Vector(1, outputGradient.Shape.Channels), type);
        Apart(biasGradient, outputGradient);
    }
}

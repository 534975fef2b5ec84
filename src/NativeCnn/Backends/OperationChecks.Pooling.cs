using NativeCnn.Tensors;

namespace NativeCnn.Backends;

// Max and average pooling.
internal static partial class OperationChecks
{
    public static void MaxPoolingForward(
        in PoolingGeometry geometry,
        Tensor input,
        Tensor output,
        Tensor? argmax,
        ElementType type
    )
    {
        Expect(input, geometry.Input, type);
        Expect(output, geometry.Output, type);
        Apart(output, input);
        if (argmax is null)
            return;
        Expect(argmax, geometry.Output, geometry.IndexType);
        Apart(argmax, input);
        Apart(argmax, output);
    }

    public static void MaxPoolingBackward(
        in PoolingGeometry geometry,
        Tensor outputGradient,
        Tensor argmax,
        Tensor inputGradient,
        ElementType type
    )
    {
        Expect(outputGradient, geometry.Output, type);
        Expect(argmax, geometry.Output, geometry.IndexType);
        Expect(inputGradient, geometry.Input, type);
        Apart(inputGradient, outputGradient);
        Apart(inputGradient, argmax);
    }

    public static void AveragePoolingForward(in PoolingGeometry geometry, Tensor input, Tensor output, ElementType type)
    {
        Expect(input, geometry.Input, type);
        Expect(output, geometry.Output, type);
        Apart(output, input);
    }

    public static void AveragePoolingBackward(
        in PoolingGeometry geometry,
        Tensor outputGradient,
        Tensor inputGradient,
        ElementType type
    )
    {
        Expect(outputGradient, geometry.Output, type);
        Expect(inputGradient, geometry.Input, type);
        Apart(inputGradient, outputGradient);
    }
}

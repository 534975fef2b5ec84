using System.Runtime.CompilerServices;
using NativeCnn.Tensors;

namespace NativeCnn.Backends;

// Dense layers.
internal static partial class OperationChecks
{
    public static void DenseForward(
        Tensor input,
        Tensor weights,
        Tensor? bias,
        in Activation activation,
        Tensor output,
        ElementType type
    )
    {
        Expect(input, type);
        ExpectWeights(weights, input.Shape, type);
        int units = weights.Shape.Batch;
        if (bias is not null)
            Expect(bias, Shape.Vector(1, units), type);
        Expect(output, Shape.Vector(input.Shape.Batch, units), type);
        Expect(activation);
        Apart(output, input);
        Apart(output, weights);
        Apart(output, bias);
    }

    public static void DenseBackwardData(Tensor outputGradient, Tensor weights, Tensor inputGradient, ElementType type)
    {
        Expect(inputGradient, type);
        ExpectWeights(weights, inputGradient.Shape, type);
        Expect(outputGradient, Shape.Vector(inputGradient.Shape.Batch, weights.Shape.Batch), type);
        Apart(inputGradient, outputGradient);
        Apart(inputGradient, weights);
    }

    public static void DenseBackwardWeights(
        Tensor input,
        Tensor outputGradient,
        Tensor weightGradient,
        ElementType type
    )
    {
        Expect(input, type);
        ExpectWeights(weightGradient, input.Shape, type);
        Expect(outputGradient, Shape.Vector(input.Shape.Batch, weightGradient.Shape.Batch), type);
        Apart(weightGradient, input);
        Apart(weightGradient, outputGradient);
    }

    public static void DenseUpdateWeights(
        Tensor input,
        Tensor outputGradient,
        in SgdStep update,
        Tensor? velocity,
        Tensor weights,
        ElementType type
    )
    {
        Expect(input, type);
        ExpectWeights(weights, input.Shape, type);
        Expect(outputGradient, Shape.Vector(input.Shape.Batch, weights.Shape.Batch), type);
        Apart(weights, input);
        Apart(weights, outputGradient);
        Velocity(update, velocity, weights, type);
    }

    /// <summary>O×1×1×(H·W·C) or O×H×W×C for inputs of N×H×W×C.</summary>
    private static void ExpectWeights(
        Tensor tensor,
        Shape input,
        ElementType type,
        [CallerArgumentExpression(nameof(tensor))] string name = "",
        [CallerMemberName] string operation = ""
    )
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        Shape shape = tensor.Shape;
        bool fits = shape.WithBatch(input.Batch) == input || shape == Shape.Vector(shape.Batch, input.ExampleCount);
        if (!fits || tensor.Type != type)
        {
            throw new ShapeException(
                $"{operation}: {name} is {tensor}; expected {type} {Shape.Vector(shape.Batch, input.ExampleCount)} for an input of {input}."
            );
        }
    }
}

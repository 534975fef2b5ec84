using System.Runtime.CompilerServices;
using NativeCnn.Tensors;

namespace NativeCnn.Backends;

// Element by element: activations, dropout, sums, and the optimiser's update.
internal static partial class OperationChecks
{
    public static void ActivationForward(in Activation activation, Tensor input, Tensor output, ElementType type)
    {
        Expect(activation);
        Expect(input, type);
        Expect(output, input.Shape, type);
        SameOrApart(output, input);
    }

    public static void ActivationBackward(
        in Activation activation,
        Tensor output,
        Tensor outputGradient,
        Tensor inputGradient,
        ElementType type
    )
    {
        Expect(activation);
        Expect(output, type);
        Expect(outputGradient, output.Shape, type);
        Expect(inputGradient, output.Shape, type);
        SameOrApart(inputGradient, outputGradient);
        Apart(inputGradient, output);
    }

    public static void ActivationBiasBackward(
        in Activation activation,
        Tensor output,
        Tensor outputGradient,
        Tensor inputGradient,
        Tensor biasGradient,
        ElementType type
    )
    {
        Expect(activation);
        Expect(output, type);
        Expect(outputGradient, output.Shape, type);
        Expect(inputGradient, output.Shape, type);
        Expect(biasGradient, Shape.Vector(1, output.Shape.Channels), type);
        SameOrApart(inputGradient, outputGradient);
        Apart(inputGradient, output);
        Apart(biasGradient, output);
        Apart(biasGradient, outputGradient);
        Apart(biasGradient, inputGradient);
    }

    public static void DropoutApply(in DropoutMask mask, Tensor input, Tensor output, ElementType type)
    {
        if (!(mask.Probability >= 0 && mask.Probability < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(mask),
                mask.Probability,
                "DropoutApply: the probability of being dropped is at least 0 and less than 1."
            );
        }
        Expect(input, type);
        Expect(output, input.Shape, type);
        SameOrApart(output, input);
    }

    public static void Accumulate(Tensor values, Tensor accumulator, ElementType type)
    {
        Expect(values, type);
        Expect(accumulator, values.Shape, type);
        Apart(accumulator, values);
    }

    public static void SgdUpdate(in SgdStep update, Tensor gradient, Tensor? velocity, Tensor values, ElementType type)
    {
        Expect(values, type);
        Expect(gradient, values.Shape, type);
        Apart(values, gradient);
        if (velocity is not null)
            Apart(velocity, gradient);
        Velocity(update, velocity, values, type);
    }

    private static void Velocity(
        in SgdStep update,
        Tensor? velocity,
        Tensor values,
        ElementType type,
        [CallerMemberName] string operation = ""
    )
    {
        if (velocity is not null)
        {
            Expect(velocity, values.Shape, type, operation: operation);
            Apart(velocity, values, operation: operation);
        }
        else if (update.Momentum != 0)
        {
            throw new ArgumentNullException(
                nameof(velocity),
                $"{operation}: a momentum of {update.Momentum} needs a velocity of {values.Shape}."
            );
        }
    }

    private static void Expect(in Activation activation, [CallerMemberName] string operation = "")
    {
        string? refusal = ActivationTraits.Find(activation.Kind) is { } traits
            ? traits.Refusal(activation)
            : $"there is no activation {activation.Kind}.";
        if (refusal is not null)
            throw new ArgumentOutOfRangeException(nameof(activation), $"{operation}: {refusal}");
    }
}

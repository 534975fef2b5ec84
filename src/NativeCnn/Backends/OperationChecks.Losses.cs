using NativeCnn.Tensors;

namespace NativeCnn.Backends;

// Softmax, and losses with their gradients.
internal static partial class OperationChecks
{
    public static void SoftmaxForward(Tensor input, Tensor output, ElementType type)
    {
        Expect(input, type);
        Expect(output, input.Shape, type);
        SameOrApart(output, input);
    }

    public static void SoftmaxBackward(Tensor output, Tensor outputGradient, Tensor inputGradient, ElementType type)
    {
        Expect(output, type);
        Expect(outputGradient, output.Shape, type);
        Expect(inputGradient, output.Shape, type);
        Apart(inputGradient, output);
        Apart(inputGradient, outputGradient);
    }

    public static void SoftmaxCrossEntropy(
        Tensor logits,
        ReadOnlySpan<int> labels,
        Tensor? logitGradient,
        ElementType type
    )
    {
        Expect(logits, type);
        int classes = logits.Shape.Channels;
        Expect(logits, Shape.Vector(logits.Shape.Batch, classes), type);
        if (labels.Length > logits.Shape.Batch)
            throw new ShapeException($"SoftmaxCrossEntropy: {labels.Length} labels for logits of {logits.Shape}.");
        for (int n = 0; n < labels.Length; n++)
        {
            if ((uint)labels[n] >= (uint)classes)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(labels),
                    $"SoftmaxCrossEntropy: label {n} is {labels[n]}; logits of {logits.Shape} have classes 0 to {classes - 1}."
                );
            }
        }
        if (logitGradient is null)
            return;
        Expect(logitGradient, logits.Shape, type);
        Apart(logitGradient, logits);
    }

    public static void SquaredError(
        Tensor output,
        Tensor targets,
        int count,
        double factor,
        Tensor? outputGradient,
        ElementType type
    )
    {
        Expect(output, type);
        Expect(targets, type);
        if (targets.Count != output.Count)
            throw new ShapeException($"SquaredError: targets of {targets.Shape} for an output of {output.Shape}.");
        if (count < 0 || count > output.Shape.Batch)
            throw new ShapeException($"SquaredError: {count} examples of an output of {output.Shape}.");
        if (factor is not (0.5 or 1))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "SquaredError: the factor is 0.5 or 1.");
        if (outputGradient is null)
            return;
        Expect(outputGradient, output.Shape, type);
        Apart(outputGradient, output);
        Apart(outputGradient, targets);
    }
}

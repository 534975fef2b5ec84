using System.Runtime.CompilerServices;
using NativeCnn.Tensors;

namespace NativeCnn.Backends;

/// <summary>
/// The argument checks of every operation of <see cref="IBackend"/>, the same for all backends: one method per operation,
/// named like it. Nothing is allocated unless a check fails.
/// </summary>
internal static class OperationChecks
{
    /// <summary>The types that activations, parameters and gradients can have.</summary>
    public static ElementType FloatingPoint(ElementType type) =>
        type is ElementType.Float32 or ElementType.Float64
            ? type
            : throw new ArgumentOutOfRangeException(nameof(type), type, "A backend computes in Float32 or Float64.");

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

    public static void LocalResponseNormForward(
        in LocalResponseWindow window,
        Tensor input,
        Tensor output,
        Tensor? scale,
        ElementType type
    )
    {
        Expect(window);
        Expect(input, type);
        Expect(output, input.Shape, type);
        Apart(output, input);
        if (scale is null)
            return;
        Expect(scale, input.Shape, type);
        Apart(scale, input);
        Apart(scale, output);
    }

    public static void LocalResponseNormBackward(
        in LocalResponseWindow window,
        Tensor input,
        Tensor scale,
        Tensor outputGradient,
        Tensor inputGradient,
        ElementType type
    )
    {
        Expect(window);
        Expect(input, type);
        Expect(scale, input.Shape, type);
        Expect(outputGradient, input.Shape, type);
        Expect(inputGradient, input.Shape, type);
        Apart(inputGradient, input);
        Apart(inputGradient, scale);
        Apart(inputGradient, outputGradient);
    }

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

    public static void Accumulate(Tensor values, Tensor accumulator, ElementType type)
    {
        Expect(values, type);
        Expect(accumulator, values.Shape, type);
        Apart(accumulator, values);
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

    private static void Expect(
        Tensor tensor,
        ElementType type,
        [CallerArgumentExpression(nameof(tensor))] string name = "",
        [CallerMemberName] string operation = ""
    )
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (tensor.Type != type)
            throw new ShapeException($"{operation}: {name} is {tensor}; expected {type} {tensor.Shape}.");
    }

    private static void Expect(
        Tensor tensor,
        Shape shape,
        ElementType type,
        [CallerArgumentExpression(nameof(tensor))] string name = "",
        [CallerMemberName] string operation = ""
    )
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (tensor.Shape != shape || tensor.Type != type)
            throw new ShapeException($"{operation}: {name} is {tensor}; expected {type} {shape}.");
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

    private static void Expect(in Activation activation, [CallerMemberName] string operation = "")
    {
        if (activation.Kind is < ActivationKind.Identity or > ActivationKind.Relu)
        {
            throw new ArgumentOutOfRangeException(
                nameof(activation),
                activation.Kind,
                $"{operation}: no such activation."
            );
        }
        bool usesAlpha = activation.Kind is ActivationKind.ScaledTanh;
        bool usesBeta = activation.Kind is ActivationKind.ScaledTanh or ActivationKind.Logistic;
        if ((usesAlpha && !float.IsFinite(activation.Alpha)) || (usesBeta && !float.IsFinite(activation.Beta)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(activation),
                $"{operation}: the constants of {activation.Kind} are finite; got α = {activation.Alpha}, β = {activation.Beta}."
            );
        }
        if (usesAlpha && activation.Alpha == 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(activation),
                $"{operation}: a scaled tanh with an α of 0 is constant and its derivative cannot be had from its output."
            );
        }
    }

    private static void Expect(in LocalResponseWindow window, [CallerMemberName] string operation = "")
    {
        if (window.Fault() is { } fault)
            throw new ArgumentOutOfRangeException(nameof(window), $"{operation}: {fault}");
    }

    /// <summary>Refuses a tensor that is written and shares memory with one that is read.</summary>
    private static void Apart(
        Tensor written,
        Tensor? read,
        [CallerArgumentExpression(nameof(written))] string writtenName = "",
        [CallerArgumentExpression(nameof(read))] string readName = "",
        [CallerMemberName] string operation = ""
    )
    {
        if (read is not null && Overlap(written, read))
            throw new ArgumentException($"{operation}: {writtenName} shares memory with {readName}.", writtenName);
    }

    /// <summary>As <see cref="Apart"/>, but the two may be the same memory: the operation works in place.</summary>
    private static unsafe void SameOrApart(
        Tensor written,
        Tensor read,
        [CallerArgumentExpression(nameof(written))] string writtenName = "",
        [CallerArgumentExpression(nameof(read))] string readName = "",
        [CallerMemberName] string operation = ""
    )
    {
        if (written.Pointer != read.Pointer && Overlap(written, read))
            throw new ArgumentException(
                $"{operation}: {writtenName} partly shares memory with {readName}.",
                writtenName
            );
    }

    private static unsafe bool Overlap(Tensor a, Tensor b)
    {
        byte* first = (byte*)a.Pointer;
        byte* second = (byte*)b.Pointer;
        return first < second + b.ByteCount && second < first + a.ByteCount;
    }
}

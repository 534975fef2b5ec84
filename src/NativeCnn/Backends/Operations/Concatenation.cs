using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>Joins tensors along their channels: y[n,h,w] is x₀[n,h,w], then x₁[n,h,w] and so on.</summary>
/// <param name="inputs">N×H×W×C₀, N×H×W×C₁ …; one or more. The output is N×H×W×(C₀ + C₁ + …).</param>
/// <exception cref="ShapeException">There are no inputs, or they differ in more than their channels.</exception>
public sealed class ConcatenationForward(IReadOnlyList<Shape> inputs)
    : Operation(
        "forward",
        0,
        [
            .. inputs.Select((shape, i) => Operand.Read($"input{i}", shape)),
            Operand.Overwritten("output", OutputOf(inputs)),
        ]
    )
{
    /// <summary>The shape of joined tensors.</summary>
    /// <param name="inputs">Their shapes.</param>
    /// <exception cref="ShapeException">There are none, or they differ in more than their channels.</exception>
    public static Shape OutputOf(IReadOnlyList<Shape> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Count == 0)
            throw new ShapeException("Concatenation: there is nothing to join.");
        Shape first = inputs[0];
        long channels = 0;
        for (int i = 0; i < inputs.Count; i++)
        {
            Shape shape = inputs[i];
            if ((shape.BatchSize, shape.Height, shape.Width) != (first.BatchSize, first.Height, first.Width))
                throw new ShapeException(
                    $"Concatenation: input {i} is {shape}; only its channels may differ from input 0, {first}."
                );
            channels += shape.Channels;
        }
        if (channels > int.MaxValue)
            throw new ShapeException($"Concatenation: the inputs have {channels} channels together.");
        return new Shape(first.BatchSize, first.Height, first.Width, (int)channels);
    }
}

/// <summary>
/// Takes the gradient of joined tensors apart: dx₀[n,h,w] is the first C₀ channels of dy[n,h,w], and so on.
/// </summary>
/// <param name="inputs">The shapes that were joined.</param>
/// <param name="wanted">For each of them, whether its gradient is wanted.</param>
/// <exception cref="ArgumentException">There are not as many of the one as of the other.</exception>
/// <exception cref="ShapeException">There are no inputs, or they differ in more than their channels.</exception>
public sealed class ConcatenationBackward(IReadOnlyList<Shape> inputs, IReadOnlyList<bool> wanted)
    : Operation(
        "backward-data",
        0,
        [Operand.Read("outputGradient", ConcatenationForward.OutputOf(inputs)), .. Gradients(inputs, wanted)]
    )
{
    private static Operand[] Gradients(IReadOnlyList<Shape> inputs, IReadOnlyList<bool> wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        if (wanted.Count != inputs.Count)
            throw new ArgumentException(
                $"Concatenation: {inputs.Count} inputs, but {wanted.Count} answers whether a gradient is wanted.",
                nameof(wanted)
            );
        var gradients = new Operand[inputs.Count];
        for (int i = 0; i < gradients.Length; i++)
            gradients[i] = Operand.Overwritten($"inputGradient{i}", inputs[i], wanted[i]);
        return gradients;
    }
}

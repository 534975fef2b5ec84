using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>y[n,y,x,o] = f(x[n,y,x,o] + b[o]): what ends a pass that adds no bias by itself.</summary>
/// <remarks>One bias per unit is the same with examples as vectors, N×1×1×(H·W·O).</remarks>
/// <param name="activation">f.</param>
/// <param name="shape">N×H×W×O of input and output; the bias is 1×1×1×O.</param>
/// <exception cref="ArgumentOutOfRangeException">
/// There is no such activation, or a constant of it is not allowed.
/// </exception>
public sealed class BiasForward(Activation activation, Shape shape)
    : Operation(
        "forward",
        2 + activation.SumLength,
        [
            Operand.Read("input", shape),
            Operand.Read("bias", Shape.Vector(1, shape.Channels)),
            Operand.Overwritten("output", shape, mayBe: "input"),
        ]
    )
{
    /// <summary>f.</summary>
    public Activation Activation { get; } = activation.Checked(nameof(activation));
}

/// <summary>db[o] += Σ over batch and positions of dz[n,y,x,o]. Serves convolution and dense.</summary>
/// <param name="shape">N×H×W×O of the output gradient; the bias gradient is 1×1×1×O.</param>
public sealed class BiasBackward(Shape shape)
    : Operation(
        "backward-bias",
        // The pixels, and what was there.
        shape.PixelCount + 1L,
        [Operand.Read("outputGradient", shape), Operand.Accumulated("biasGradient", Shape.Vector(1, shape.Channels))]
    );

using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// <see cref="ActivationBackward"/> and <see cref="BiasBackward"/> of its result in one pass: dz = dy · f'(z), f'
/// computed from y = f(z), and db[o] += Σ over batch and positions of dz[n,y,x,o].
/// </summary>
/// <param name="activation">f.</param>
/// <param name="shape">N×H×W×O of the output and of both its gradients; the bias gradient is 1×1×1×O.</param>
/// <exception cref="ArgumentOutOfRangeException">
/// There is no such activation, a constant of it is not allowed, or its derivative is not computed from y.
/// </exception>
public sealed class ActivationBiasBackward(Activation activation, Shape shape)
    : Operation(
        "backward-activation and bias",
        // The pixels, what was there, and the roundings of the derivative.
        shape.PixelCount + 5,
        [
            Operand.Read("output", shape),
            Operand.Read("outputGradient", shape),
            Operand.Overwritten("inputGradient", shape, mayBe: "outputGradient") with
            {
                SumLength = activation.SumLength,
            },
            Operand.Accumulated("biasGradient", Shape.Vector(1, shape.Channels)),
        ]
    )
{
    /// <summary>f.</summary>
    public Activation Activation { get; } =
        activation.Checked(nameof(activation)).NeedsInput
            ? throw new ArgumentOutOfRangeException(
                nameof(activation),
                $"the derivative of {activation.Kind} is not computed from its output; got {activation}."
            )
            : activation;
}

using System.Runtime.InteropServices;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// A point-wise non-linearity with its constants. Every one of them has a derivative that can be computed from its
/// output alone, which is what lets it run in place and be fused into the operation before it.
/// </summary>
/// <remarks>The layout is that of <c>nativecnn_activation</c>.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Activation(ActivationKind Kind, float Alpha = 1, float Beta = 1)
{
    /// <summary>f(x) = x.</summary>
    public static Activation Identity => default;

    /// <summary>f(x) = max(0, x); f'(0) = 0.</summary>
    public static Activation Relu => new(ActivationKind.Relu);

    /// <summary>f(x) = tanh x.</summary>
    public static Activation Tanh => new(ActivationKind.Tanh);

    /// <summary>f(x) = a tanh(bx); a = 1.7159 and b = 2/3 by default (LeCun et al. 1998).</summary>
    public static Activation ScaledTanh(float a = 1.7159f, float b = 2f / 3f) => new(ActivationKind.ScaledTanh, a, b);

    /// <summary>f(x) = 1 / (1 + exp(−βx)).</summary>
    public static Activation Logistic(float beta = 1) => new(ActivationKind.Logistic, 1, beta);

    /// <summary>The <see cref="Operation.SumLength"/> of f and of its derivative: 0 where nothing is rounded.</summary>
    internal int SumLength => Kind is ActivationKind.Identity or ActivationKind.Relu ? 0 : 4;

    /// <summary>This activation, once its kind and the constants of its formula were found to be right.</summary>
    /// <param name="name">What the caller calls it.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There is no such kind, a constant of the formula is not finite, or the α that is divided by is 0.
    /// </exception>
    internal Activation Checked(string name)
    {
        string? refusal = ActivationTraits.Find(Kind) is { } traits
            ? traits.Refusal(this)
            : $"there is no activation {Kind}.";
        return refusal is null ? this : throw new ArgumentOutOfRangeException(name, refusal);
    }
}

/// <summary>y = f(x), element by element.</summary>
/// <param name="activation">f.</param>
/// <param name="shape">N×H×W×C of both operands.</param>
/// <exception cref="ArgumentOutOfRangeException">
/// There is no such activation, or a constant of it is not allowed.
/// </exception>
public sealed class ActivationForward(Activation activation, Shape shape)
    : Operation(
        "forward",
        activation.SumLength,
        [Operand.Read("input", shape), Operand.Overwritten("output", shape, mayBe: "input")]
    )
{
    /// <summary>f.</summary>
    public Activation Activation { get; } = activation.Checked(nameof(activation));
}

/// <summary>dx = dy · f'(x), element by element, f' computed from the output y = f(x) alone.</summary>
/// <param name="activation">f.</param>
/// <param name="shape">N×H×W×C of every operand.</param>
/// <exception cref="ArgumentOutOfRangeException">
/// There is no such activation, or a constant of it is not allowed.
/// </exception>
public sealed class ActivationBackward(Activation activation, Shape shape)
    : Operation(
        "backward-activation",
        activation.SumLength,
        [
            Operand.Read("output", shape),
            Operand.Read("outputGradient", shape),
            Operand.Overwritten("inputGradient", shape, mayBe: "outputGradient"),
        ]
    )
{
    /// <summary>f.</summary>
    public Activation Activation { get; } = activation.Checked(nameof(activation));
}

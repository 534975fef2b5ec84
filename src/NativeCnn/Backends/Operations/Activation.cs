using System.Runtime.InteropServices;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// A point-wise non-linearity with its constants; <see cref="ActivationKind"/> has the formulas. Where the derivative
/// can be computed from the output alone, it runs in place and is fused into the operation before it; |x|, its smooth
/// form, and leaky ReLU and ELU with a negative α keep their input for the backward pass.
/// </summary>
/// <remarks>The layout is that of <c>nativecnn_activation</c>.</remarks>
/// <param name="Kind">Which one.</param>
/// <param name="Alpha">α, where the formula has one; of a gain g, of a clipped ReLU the ceiling.</param>
/// <param name="Beta">β, where the formula has one; of softplus and the smooth |x| k.</param>
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

    /// <summary>f(x) = x where x &gt; 0, else αx; α = 0.02 by default.</summary>
    public static Activation LeakyRelu(float alpha = 0.02f) => new(ActivationKind.LeakyRelu, alpha);

    /// <summary>
    /// f(x) = ln(1 + e^(kx)) / k for any k but 0; tends to max(0, x) for large k, to min(0, x) for large −k.
    /// </summary>
    public static Activation Softplus(float k = 1) => new(ActivationKind.Softplus, 1, k);

    /// <summary>f(x) = x where x &gt; 0, else α (eˣ − 1) (Clevert et al. 2016).</summary>
    public static Activation Elu(float alpha = 1) => new(ActivationKind.Elu, alpha);

    /// <summary>f(x) = |x|; f'(0) = 0.</summary>
    public static Activation Absolute => new(ActivationKind.Absolute);

    /// <summary>
    /// f(x) = (2/k) ln(1 + e^(kx)) − x − (2/k) ln 2 for any k but 0, which tends to |x| for large k.
    /// </summary>
    public static Activation SmoothAbsolute(float k = 1) => new(ActivationKind.SmoothAbsolute, 1, k);

    /// <summary>f(x) = gx, a fixed gain.</summary>
    public static Activation Gain(float g) => new(ActivationKind.Gain, g);

    /// <summary>
    /// f(x) = min(ceiling, max(0, x)); f' is 0 at both ends. With a ceiling of 6, the default, ReLU6 (A. Krizhevsky,
    /// "Convolutional deep belief networks on CIFAR-10", 2010).
    /// </summary>
    public static Activation ClippedRelu(float ceiling = 6) => new(ActivationKind.ClippedRelu, ceiling);

    /// <summary>Whether f' is computed from x, because y = f(x) does not tell it.</summary>
    internal bool NeedsInput => ActivationTraits.Find(Kind) is { } traits && traits.NeedsInput(this);

    /// <summary>The <see cref="Operation.SumLength"/> of f and of its derivative: 0 where nothing is rounded.</summary>
    internal int SumLength =>
        Kind is ActivationKind.Identity or ActivationKind.Relu or ActivationKind.ClippedRelu or ActivationKind.Absolute
            ? 0
            : 4;

    /// <summary>This activation, once its kind and the constants of its formula were found to be right.</summary>
    /// <param name="name">What the caller calls it.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There is no such kind, a constant of the formula is not finite, or one that is divided by is 0.
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

/// <summary>
/// dx = dy · f'(x), element by element, f' computed from the output y = f(x) alone, or from the input where the output
/// does not tell it (<see cref="ActivationKind"/>).
/// </summary>
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
            Operand.Read(activation.NeedsInput ? "input" : "output", shape),
            Operand.Read("outputGradient", shape),
            Operand.Overwritten("inputGradient", shape, mayBe: "outputGradient"),
        ]
    )
{
    /// <summary>f.</summary>
    public Activation Activation { get; } = activation.Checked(nameof(activation));
}

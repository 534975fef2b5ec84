using System.Runtime.InteropServices;

namespace NativeCnn.Backends;

/// <summary>
/// A point-wise non-linearity with its constants. Every one of them has a derivative that can be computed from its output
/// alone, which is what lets it run in place and be fused into the operation before it.
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
}

/// <summary>
/// A dropout mask that is recomputed wherever it is needed: element i is dropped if the i-th random number of
/// <paramref name="Key"/> is below <paramref name="Probability"/>; what is kept is scaled by 1 / (1 − p).
/// </summary>
/// <remarks>The layout is that of <c>nativecnn_dropout</c>, whose comment has the generator.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct DropoutMask(ulong Key, float Probability)
{
    private readonly int _reserved = 0;
}

/// <summary>One step of stochastic gradient descent: v ← μv + (g + λw); w ← w − ηv.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SgdStep(float LearningRate, float Momentum, float WeightDecay)
{
    private readonly int _reserved = 0;
}

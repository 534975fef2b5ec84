using System.Runtime.InteropServices;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// The constants of local response normalisation: s_c = k + α/size · Σ_j x_j², y_c = x_c s_c^−β, j over the <c>size</c>
/// channels c − ⌊size/2⌋ to c + ⌊(size − 1)/2⌋ of a pixel; channels that do not exist count as 0.
/// </summary>
/// <remarks>The layout is that of <c>nativecnn_local_response_norm</c>.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct LocalResponseNormOptions
{
    /// <summary>The constants.</summary>
    /// <param name="size">Channels of the window, 1 or more.</param>
    /// <param name="alpha">α, 0 or more; it is divided by the size.</param>
    /// <param name="beta">β.</param>
    /// <param name="k">k, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant is outside that.</exception>
    public LocalResponseNormOptions(int size, float alpha, float beta, float k)
    {
        if (size < 1)
            throw Fault(nameof(size), size, "the window has 1 channel or more");
        if (!(alpha >= 0 && float.IsFinite(alpha)))
            throw Fault(nameof(alpha), alpha, "α is finite and not below 0");
        if (!float.IsFinite(beta))
            throw Fault(nameof(beta), beta, "β is finite");
        if (!(k > 0 && float.IsFinite(k)))
            throw Fault(nameof(k), k, "k is finite and above 0");
        (Size, Alpha, Beta, K) = (size, alpha, beta, k);
    }

    /// <summary>Channels of the window.</summary>
    public int Size { get; }

    /// <summary>α, which is divided by the size.</summary>
    public float Alpha { get; }

    /// <summary>β.</summary>
    public float Beta { get; }

    /// <summary>k.</summary>
    public float K { get; }

    /// <summary>The channels of the window before its own.</summary>
    public int Before => Size / 2;

    /// <summary>The channels of the window after its own.</summary>
    public int After => (Size - 1) / 2;

    private static ArgumentOutOfRangeException Fault(string name, object value, string rule) =>
        new(name, $"Local response normalisation: {rule}; got {value}.");
}

/// <summary>y_c = x_c s_c^−β with s_c = k + α/size · Σ_j x_j², j over the window of channel c at each pixel.</summary>
/// <param name="options">The window and the constants.</param>
/// <param name="shape">N×H×W×C of every operand.</param>
/// <param name="wantsScale">Whether s is written, for the backward pass.</param>
public sealed class LocalResponseNormForward(LocalResponseNormOptions options, Shape shape, bool wantsScale)
    : Operation(
        "forward",
        Math.Min(options.Size, shape.Channels) + 4,
        [
            Operand.Read("input", shape),
            Operand.Overwritten("output", shape),
            Operand.Overwritten("scale", shape, wantsScale),
        ]
    )
{
    /// <summary>The window and the constants.</summary>
    public LocalResponseNormOptions Options => options;
}

/// <summary>
/// dx_c = dy_c s_c^−β − 2αβ/size · x_c Σ_j dy_j x_j s_j^(−β−1), j over the channels whose window has c.
/// </summary>
/// <param name="options">The window and the constants.</param>
/// <param name="shape">N×H×W×C of every operand.</param>
public sealed class LocalResponseNormBackward(LocalResponseNormOptions options, Shape shape)
    : Operation(
        "backward-data",
        Math.Min(options.Size, shape.Channels) + 4,
        [
            Operand.Read("input", shape),
            Operand.Read("scale", shape),
            Operand.Read("outputGradient", shape),
            Operand.Overwritten("inputGradient", shape),
        ]
    )
{
    /// <summary>The window and the constants.</summary>
    public LocalResponseNormOptions Options => options;
}

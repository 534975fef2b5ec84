using System.Runtime.InteropServices;

namespace NativeCnn.Backends;

/// <summary>
/// The constants of local response normalisation, y_c = x_c / (k + α/size · Σ_j x_j²)^β, j over the <paramref name="Size"/>
/// channels c − ⌊size/2⌋ to c + ⌊(size − 1)/2⌋; channels that do not exist count as 0.
/// </summary>
/// <param name="Size">Channels of the window, 1 or more.</param>
/// <param name="Alpha">α, 0 or more; it is divided by the size.</param>
/// <param name="Beta">β.</param>
/// <param name="K">k, above 0.</param>
/// <remarks>The layout is that of <c>nativecnn_local_response_norm</c>.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct LocalResponseWindow(int Size, float Alpha, float Beta, float K)
{
    /// <summary>The channels of the window before its own.</summary>
    public int Before => Size / 2;

    /// <summary>The channels of the window after its own.</summary>
    public int After => (Size - 1) / 2;

    /// <summary>What is wrong with the constants, in a sentence, or null.</summary>
    internal string? Fault() =>
        Size < 1 ? $"the window has 1 channel or more; got {Size}."
        : !(Alpha >= 0 && float.IsFinite(Alpha)) ? $"α is finite and not below 0; got {Alpha}."
        : !float.IsFinite(Beta) ? $"β is finite; got {Beta}."
        : !(K > 0 && float.IsFinite(K)) ? $"k is finite and above 0; got {K}."
        : null;
}

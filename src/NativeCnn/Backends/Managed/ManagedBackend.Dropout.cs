using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    /// <inheritdoc/>
    public void DropoutApply(in DropoutMask mask, Tensor input, Tensor output)
    {
        OperationChecks.DropoutApply(mask, input, output, ElementType);
        if (IsFloat32)
            DropoutApply(mask, input, output, 1f / (1f - mask.Probability));
        else
            DropoutApply(mask, input, output, 1d / (1d - mask.Probability));
    }

    // y[e] = 0 if u_e < ⌊p · 2³²⌋, else x[e] / (1 − p)
    private static void DropoutApply<T>(in DropoutMask mask, Tensor input, Tensor output, T scale)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> x = input.AsSpan<T>();
        Span<T> y = output.AsSpan<T>();
        uint threshold = (uint)(mask.Probability * 4294967296.0);
        for (int e = 0; e < y.Length; e++)
            y[e] = RandomBits(mask.Key, e) < threshold ? T.Zero : x[e] * scale;
    }

    // u_e, the e-th random number of a key. Elements 2p and 2p + 1 take the low and the high half of
    // splitmix64(key + p · 0x9E3779B97F4A7C15) (Steele, Lea and Flood 2014).
    private static uint RandomBits(ulong key, int e)
    {
        ulong z = unchecked(key + (ulong)(e / 2) * 0x9E3779B97F4A7C15);
        z ^= z >> 30;
        z = unchecked(z * 0xBF58476D1CE4E5B9);
        z ^= z >> 27;
        z = unchecked(z * 0x94D049BB133111EB);
        z ^= z >> 31;
        return e % 2 == 0 ? (uint)z : (uint)(z >> 32);
    }
}

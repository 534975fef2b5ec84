using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Dropout = Provide<Dropout>((b, operation) => new DropoutKernel(b, operation));
}

internal sealed class DropoutKernel(ManagedBackend backend, Dropout operation)
    : ManagedKernel<Dropout>(backend, operation)
{
    // y[e] = 0 if u_e < ⌊p · 2³²⌋, else x[e] / (1 − p); what is dropped is 0, an infinity and a NaN too
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        ulong key = Operation.Options.KeyOf(scalars[0]);
        double probability = Operation.Options.Probability;
        uint threshold = (uint)(probability * 4294967296.0);
        // Rounded as the mask of the native backend is, whose results have to be the same.
        T scale = Round<T>(1 / (1 - probability));
        for (int e = 0; e < y.Length; e++)
            y[e] = RandomBits(key, e) < threshold ? T.Zero : x[e] * scale;
    }

    // u_e, the e-th random number of a key. Elements 2p and 2p + 1 take the low and the high half of
    // splitmix64(key + p · 0x9E3779B97F4A7C15) (Steele, Lea and Flood 2014).
    internal static uint RandomBits(ulong key, int e)
    {
        ulong z = unchecked(key + (ulong)(e / 2) * 0x9E3779B97F4A7C15);
        z ^= z >> 30;
        z = unchecked(z * 0xBF58476D1CE4E5B9);
        z ^= z >> 27;
        z = unchecked(z * 0x94D049BB133111EB);
        z ^= z >> 31;
        return e % 2 == 0 ? unchecked((uint)z) : (uint)(z >> 32);
    }
}

using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>
/// Joins channels and takes them apart: a reorder for each of the tensors, into or out of its place in the joined one;
/// parts are pixels. oneDNN's concat has no backward pass, and takes its arguments in another order in version 3.
/// </summary>
internal static class OneDnnConcatenation
{
    /// <summary>The kernel, or null where oneDNN has none.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, ConcatenationForward operation) =>
        Plan(library, backend, operation, joined: operation.Operands.Count - 1, first: 0);

    /// <summary>The kernel, or null where oneDNN has none, or nothing is wanted.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, ConcatenationBackward operation) =>
        Plan(library, backend, operation, joined: 0, first: 1);

    private static Kernel? Plan(OneDnnApi library, NativeBackend backend, Operation operation, int joined, int first)
    {
        Operand[] parts = [.. operation.Operands.Where((_, place) => place != joined)];
        Shape whole = operation.Operands[joined].Shape;
        return Array.Exists(parts, part => part.IsWanted)
            ? PartsKernel.Plan(library, backend, operation, whole.PixelCount, Describe)
            : null;

        IEnumerable<PartPrimitive?> Describe(int pixels)
        {
            long start = 0;
            for (int i = 0; i < parts.Length; i++)
            {
                long channels = parts[i].Shape.Channels;
                MemoryDescription alone = library.Rows(pixels, channels, channels);
                MemoryDescription among = library.Rows(pixels, channels, whole.Channels);
                long bytes = channels * sizeof(float);
                bool isForward = first == 0;
                int apart = isForward ? Native.ONEDNN_SOURCE : Native.ONEDNN_DESTINATION;
                int together = isForward ? Native.ONEDNN_DESTINATION : Native.ONEDNN_SOURCE;
                if (parts[i].IsWanted)
                {
                    PrimitiveDescription copy = isForward
                        ? library.Reorder(alone, among)
                        : library.Reorder(among, alone);
                    yield return copy.IsReference
                        ? null
                        : new PartPrimitive(
                            copy,
                            new PartOperand(apart, alone, first + i, bytes),
                            new PartOperand(together, among, joined, whole.Channels * (long)sizeof(float), start)
                        );
                }
                start += bytes;
            }
        }
    }
}

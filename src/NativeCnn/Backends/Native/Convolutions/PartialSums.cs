using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Adds partial sums of a filter gradient, which lie one behind the other, to the first of them: in pairs, then pairs
/// of pairs, so that the order follows from their count alone and the error grows with its logarithm.
/// </summary>
/// <param name="first">The first partial sum; the others are overwritten.</param>
/// <param name="count">How many there are.</param>
/// <param name="floats">The floats of each.</param>
/// <param name="total">What their sum is added to in the end, or null for nothing.</param>
internal readonly unsafe struct PartialSums(float* first, int count, long floats, float* total = null) : IParallelWork
{
    /// <summary>The floats that all partial sums of a gradient together may take (64 MB).</summary>
    public const long MaxFloats = 16L << 20;

    // Floats of a chunk at least, long against taking the chunk; and chunks at most.
    private const int MinFloats = 1024;
    private const int MaxChunks = 256;

    /// <summary>How many chunks there are.</summary>
    public int Chunks => count == 1 && total is null ? 0 : (int)Math.Clamp(floats / MinFloats, 1, MaxChunks);

    /// <summary>Adds them up on the pool's threads; one sum alone, which nothing is added to, stays as it is.</summary>
    public static void AddUp(WorkerPool pool, float* first, int count, long floats, float* total = null)
    {
        var sums = new PartialSums(first, count, floats, total);
        pool.Run(ref sums, sums.Chunks);
    }

    public void Run(int chunk, int worker)
    {
        long begin = floats * chunk / Chunks;
        long end = floats * (chunk + 1) / Chunks;
        for (long distance = 1; distance < count; distance *= 2)
        {
            for (long sum = 0; sum + distance < count; sum += 2 * distance)
            {
                float* to = first + sum * floats + begin;
                Shim.nativecnn_accumulate(to + distance * floats, end - begin, to);
            }
        }
        if (total is not null)
            Shim.nativecnn_accumulate(first + begin, end - begin, total + begin);
    }
}

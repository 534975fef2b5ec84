using System.Diagnostics;
using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Cli.Diagnostics;

/// <summary>
/// The bandwidth of the memory, every worker going through arrays of its own that no cache holds. Of this file the
/// benchmarks compile their own copy.
/// </summary>
/// <param name="pool">The workers.</param>
internal sealed class MemoryBandwidth(WorkerPool pool) : IDisposable
{
    // 64 MB each, two per worker: beyond most caches.
    private const int Floats = 16 << 20;

    // Written once by all, so that the system has given every page.
    private readonly Tensor _arrays = Filled(new Shape(2 * pool.Threads, Floats, 1, 1));

    /// <summary>Adds an array to another, once: bytes in a second, of which two thirds are read.</summary>
    public double Accumulate() => Measure(arraysMoved: 3, new Work(_arrays, Pattern.Accumulate));

    /// <summary>Reads two arrays, once: bytes in a second.</summary>
    public double Read() => Measure(arraysMoved: 2, new Work(_arrays, Pattern.Read));

    /// <summary>Copies an array, once, as the C library does: bytes in a second, of which half are read.</summary>
    public double Copy() => Measure(arraysMoved: 2, new Work(_arrays, Pattern.Copy));

    /// <inheritdoc/>
    public void Dispose() => _arrays.Dispose();

    private double Measure(int arraysMoved, Work work)
    {
        long start = Stopwatch.GetTimestamp();
        pool.RunOnEach(ref work);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (double)arraysMoved * sizeof(float) * Floats * pool.Threads / seconds;
    }

    private static Tensor Filled(Shape shape)
    {
        var tensor = new Tensor(shape);
        tensor.Span.Fill(1);
        return tensor;
    }

    private enum Pattern
    {
        Accumulate,
        Read,
        Copy,
    }

    private readonly unsafe struct Work(Tensor arrays, Pattern pattern) : IParallelWork
    {
        private const int Sums = 1 << 10;

        public void Run(int chunk, int worker)
        {
            float* values = arrays.Floats + 2L * Floats * chunk;
            if (pattern == Pattern.Accumulate)
                Shim.nativecnn_accumulate(values, Floats, values + Floats);
            else if (pattern == Pattern.Copy)
                Buffer.MemoryCopy(values, values + Floats, sizeof(float) * Floats, sizeof(float) * Floats);
            else
                ReadAll(values);
        }

        private static void ReadAll(float* values)
        {
            float* sums = stackalloc float[Sums];
            Shim.nativecnn_pixel_products(values, null, Sums, 2 * Floats / Sums, sums);
        }
    }
}

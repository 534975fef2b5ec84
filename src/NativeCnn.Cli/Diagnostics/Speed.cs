using System.Diagnostics;
using NativeCnn.Backends.Native;
using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Cli.Diagnostics;

/// <summary>
/// Measures what all workers reach at once, in GFLOP/s: the processor's own fused multiply-adds, and OpenBLAS's
/// products. Each is the best of several rounds, since whatever else runs only makes a round slower.
/// </summary>
internal static class Speed
{
    private const int Rounds = 7;

    // 768³: three matrices of 2.4 MB per worker, large enough for OpenBLAS's blocking to reach its full speed.
    private const int Size = 768;
    private const int ProductsPerRound = 4;
    private const long FmaRounds = 1_000_000;

    /// <summary>The peak of this processor's best instruction set: multiply-adds in registers.</summary>
    public static double FmaPeak(WorkerPool pool)
    {
        nativecnn_instruction_set inUse = Shim.nativecnn_instruction_set_in_use();
        Shim.nativecnn_use_instruction_set(Shim.nativecnn_best_instruction_set());
        try
        {
            double[] operations = new double[pool.Threads];
            FmaWork work = new(operations);
            return BestOf(pool, ref work, () => operations.Sum());
        }
        finally
        {
            Shim.nativecnn_use_instruction_set(inUse);
        }
    }

    /// <summary>The speed of sgemm, every worker multiplying matrices of its own.</summary>
    public static double Products(WorkerPool pool)
    {
        using Tensor matrices = new(new Shape(3 * pool.Threads, Size, Size, 1));
        matrices.Span.Fill(0.5f);
        ProductWork work = new(matrices);
        double operations = 2.0 * Size * Size * Size * ProductsPerRound * pool.Threads;
        return BestOf(pool, ref work, () => operations);
    }

    /// <summary>The memory's bandwidth in GB/s.</summary>
    public static double Bandwidth(WorkerPool pool)
    {
        using var memory = new MemoryBandwidth(pool);
        double best = 0;
        for (int round = 0; round < Rounds; round++)
            best = Math.Max(best, memory.Accumulate());
        return best / 1e9;
    }

    private static double BestOf<TWork>(WorkerPool pool, ref TWork work, Func<double> operations)
        where TWork : struct, IParallelWork
    {
        double best = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            pool.RunOnEach(ref work);
            best = Math.Max(best, operations() / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best / 1e9;
    }

    private readonly unsafe struct FmaWork(double[] operations) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            double done;
            Shim.nativecnn_probe_fma(FmaRounds, &done);
            operations[chunk] = done;
        }
    }

    private readonly unsafe struct ProductWork(Tensor matrices) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            NativeRuntime.PrepareThread();
            float* first = matrices.Floats + 3L * Size * Size * chunk;
            Matrix a = new(first, Size);
            Matrix b = new(first + Size * Size, Size);
            Matrix c = new(first + 2 * Size * Size, Size);
            // A[size×size] · B[size×size] → C[size×size]
            for (int i = 0; i < ProductsPerRound; i++)
                Gemm.Run(Size, Size, Size, a, b, c, accumulate: false);
        }
    }
}

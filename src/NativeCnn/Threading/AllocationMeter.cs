namespace NativeCnn.Threading;

/// <summary>
/// Counts the managed bytes that work allocates on the threads that do it: the caller and a pool's workers. The
/// process's own total would also count the runtime's compiler and whatever else runs.
/// </summary>
internal static class AllocationMeter
{
    /// <summary>Runs the work and returns the bytes that it allocated.</summary>
    /// <param name="work">The work.</param>
    /// <param name="pool">The pool on which the work runs, or null if it stays on the calling thread.</param>
    public static long Measure(Action work, WorkerPool? pool = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        var counters = new long[pool?.Threads ?? 1];
        ReadAll(pool, counters);
        // A collection counts the unused rest of every thread's allocation buffer, up to 8 kB, as allocated. After this
        // one no thread of ours has a buffer, so that a later one counts nothing.
        GC.Collect();
        long before = ReadAll(pool, counters);
        work();
        return ReadAll(pool, counters) - before;
    }

    private static long ReadAll(WorkerPool? pool, long[] counters)
    {
        var read = new CounterRead(counters);
        if (pool is null)
            read.Run(0, 0);
        else
            pool.RunOnEach(ref read);
        long sum = 0;
        foreach (long counter in counters)
            sum += counter;
        return sum;
    }

    private readonly struct CounterRead(long[] counters) : IParallelWork
    {
        public void Run(int chunk, int worker) => counters[worker] = GC.GetAllocatedBytesForCurrentThread();
    }
}

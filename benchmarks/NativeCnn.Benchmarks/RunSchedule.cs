namespace NativeCnn.Benchmarks;

/// <summary>
/// How long a run of the pool would take on any number of workers, from the times of its chunks on one: the pool's own
/// order of taking chunks, and hand-over as it was measured. A pure function.
/// </summary>
public static class RunSchedule
{
    /// <summary>The seconds from the caller's start to its going on.</summary>
    /// <param name="chunks">The seconds of every chunk on one thread.</param>
    /// <param name="threads">How many workers, the caller among them.</param>
    /// <param name="cost">What hand-over costs.</param>
    /// <param name="areParked">Whether the other workers have parked since the last run.</param>
    public static double Time(ReadOnlySpan<double> chunks, int threads, HandOver cost, bool areParked = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (threads == 1 || chunks.Length <= 1)
            return Sum(chunks);
        // The shares of all workers are written first; those that are parked are then woken one after the other.
        double release = cost.Prepare + (threads - 2) * cost.Transfer;
        double begun = areParked ? release + (threads - 1) * cost.Signal : release;
        PriorityQueue<int, (double Time, int Worker)> free = new();
        for (int worker = 0; worker < threads; worker++)
        {
            double begin =
                worker == 0 ? begun
                : areParked ? release + worker * cost.Signal + cost.ParkedWake
                : release + cost.Wake + (worker - 1) * cost.Transfer;
            free.Enqueue(worker, (begin, worker));
        }
        // Whoever is free next takes of its own chunks, then of those of the workers after it.
        int[] next = new int[threads];
        for (int worker = 0; worker < threads; worker++)
            next[worker] = First(worker, chunks.Length, threads);
        double[] ends = new double[threads];
        ends[0] = begun;
        int left = chunks.Length;
        while (left > 0)
        {
            free.TryDequeue(out int worker, out (double Time, int Worker) now);
            int owner = worker;
            while (next[owner] == First(owner + 1, chunks.Length, threads))
                owner = (owner + 1) % threads;
            ends[worker] = now.Time + chunks[next[owner]++];
            free.Enqueue(worker, (ends[worker], worker));
            left--;
        }
        return AfterLeaving(ends, cost);
    }

    /// <summary>The time of all chunks on one thread.</summary>
    public static double Sum(ReadOnlySpan<double> chunks)
    {
        double sum = 0;
        foreach (double chunk in chunks)
            sum += chunk;
        return sum;
    }

    private static int First(int worker, int chunks, int threads) => (int)((long)chunks * worker / threads);

    // One worker after the other changes the count of those inside; the caller does not.
    private static double AfterLeaving(double[] ends, HandOver cost)
    {
        double caller = ends[0];
        double[] others = [.. ends.Skip(1).Where(end => end > 0).Order()];
        if (others.Length == 0)
            return caller;
        double left = 0;
        foreach (double end in others)
            left = Math.Max(left, end) + cost.Transfer;
        return Math.Max(left, caller) + cost.Finish;
    }
}

using NativeCnn.Threading;

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
        // More workers than chunks have no share in the run.
        int sharers = Math.Min(threads, chunks.Length);
        double[] begins = Begins(sharers, cost, areParked);
        PriorityQueue<int, (double Time, int Worker)> free = new();
        for (int worker = 0; worker < sharers; worker++)
            free.Enqueue(worker, (begins[worker], worker));
        // Whoever is free next takes of its own chunks, then of those of the workers after it.
        int[] next = new int[sharers];
        for (int worker = 0; worker < sharers; worker++)
            next[worker] = First(worker, chunks.Length, sharers);
        double[] ends = new double[sharers];
        ends[0] = begins[0];
        int left = chunks.Length;
        while (left > 0)
        {
            free.TryDequeue(out int worker, out (double Time, int Worker) now);
            int owner = worker;
            while (next[owner] == First(owner + 1, chunks.Length, sharers))
                owner = (owner + 1) % sharers;
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

    private static int First(int worker, int chunks, int sharers) => (int)((long)chunks * worker / sharers);

    // When each worker can take its first chunk. The line with the run's number reaches those that spin one after the
    // other; those that are parked are woken by the caller and by others that were.
    private static double[] Begins(int sharers, HandOver cost, bool areParked)
    {
        double[] begins = new double[sharers];
        begins[0] = cost.Prepare;
        for (int worker = 1; worker < sharers; worker++)
            begins[worker] = cost.Prepare + cost.Wake + (worker - 1) * cost.Transfer;
        if (!areParked)
            return begins;
        for (int worker = 0; worker < sharers; worker++)
        {
            int first = WorkerCrew.WokenByOne * worker + 1;
            for (int other = first; other < Math.Min(first + WorkerCrew.WokenByOne, sharers); other++)
            {
                begins[worker] += cost.Signal;
                begins[other] = begins[worker] + cost.ParkedWake;
            }
        }
        return begins;
    }

    // The caller reads one worker's mark after the other.
    private static double AfterLeaving(double[] ends, HandOver cost)
    {
        double[] others = [.. ends.Skip(1).Where(end => end > 0)];
        if (others.Length == 0)
            return ends[0];
        double read = ends[0];
        foreach (double end in others)
            read = Math.Max(read, end) + cost.Transfer;
        return read + cost.Finish;
    }
}

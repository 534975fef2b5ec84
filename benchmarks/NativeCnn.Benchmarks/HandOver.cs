using System.Diagnostics;
using NativeCnn.Threading;

namespace NativeCnn.Benchmarks;

/// <summary>What it costs to share a run of the pool among workers, in seconds.</summary>
/// <param name="Prepare">The caller's time before its own first chunk, with one other worker that spins.</param>
/// <param name="Wake">From the caller's release of a run to the first chunk of a worker that spins.</param>
/// <param name="Transfer">
/// One atomic change of a cache line that another changes too: about what it costs until the next worker sees a run, or
/// the caller the next worker's mark.
/// </param>
/// <param name="Finish">From the last worker's leaving to the caller's going on.</param>
/// <param name="Signal">The caller's time for waking a parked worker.</param>
/// <param name="ParkedWake">From the end of waking a parked worker to its first chunk.</param>
/// <param name="Spinning">How long a worker spins before it parks.</param>
public sealed record HandOver(
    double Prepare,
    double Wake,
    double Transfer,
    double Finish,
    double Signal,
    double ParkedWake,
    double Spinning
)
{
    private const int Rounds = 400;
    private const int ParkedRounds = 60;
    private const int Increments = 20_000;

    /// <summary>Costs nothing.</summary>
    public static HandOver None { get; } = new(0, 0, 0, 0, 0, 0, double.PositiveInfinity);

    /// <summary>Measures it between two threads.</summary>
    public static HandOver Measure()
    {
        using var pool = new WorkerPool(2);
        double spinning = Undisturbed([.. Enumerable.Range(0, 21).Select(_ => Spin())]);
        Latencies awake = Latencies.Measure(pool, Rounds, pause: 0);
        // Longer than a worker spins.
        Latencies parked = Latencies.Measure(pool, ParkedRounds, pause: 2);
        return new HandOver(
            awake.Caller,
            awake.Worker,
            MeasureTransfer(pool),
            awake.End,
            Math.Max(0, parked.Caller - awake.Caller),
            parked.Worker,
            spinning
        );
    }

    private static double Spin()
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < WorkerCrew.SpinsBeforeParking; i++)
            Thread.SpinWait(8);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double MeasureTransfer(WorkerPool pool)
    {
        long[] counter = new long[32];
        var work = new Counting(counter);
        double[] times = new double[101];
        for (int i = 0; i < times.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            pool.RunOnEach(ref work);
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds / (pool.Threads * Increments);
        }
        // Not the fastest: of those that did not run at once no line moved.
        return times.Order().ElementAt(times.Length / 2);
    }

    // On a shared machine a processor is taken away for milliseconds, now and then or often.
    private static double Undisturbed(double[] values) => values.Order().ElementAt(values.Length / 10);

    private readonly struct Counting(long[] counter) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            for (int i = 0; i < Increments; i++)
                Interlocked.Increment(ref counter[16]);
        }
    }

    // Both chunks last longer than waking a worker, so that each worker has one.
    private readonly struct Stamping(long[] begins, long[] ends, long ticks) : IParallelWork
    {
        private const int Apart = 16;

        public static int Room => 3 * Apart;

        public long Begin(int worker) => begins[(worker + 1) * Apart];

        public long End(int worker) => ends[(worker + 1) * Apart];

        public void Forget()
        {
            begins.AsSpan().Clear();
            ends.AsSpan().Clear();
        }

        public void Run(int chunk, int worker)
        {
            long now = Stopwatch.GetTimestamp();
            begins[(worker + 1) * Apart] = now;
            while (Stopwatch.GetTimestamp() - now < ticks)
                Thread.SpinWait(1);
            ends[(worker + 1) * Apart] = Stopwatch.GetTimestamp();
        }
    }

    private sealed record Latencies(double Caller, double Worker, double End)
    {
        public static Latencies Measure(WorkerPool pool, int rounds, int pause)
        {
            var work = new Stamping(
                new long[Stamping.Room],
                new long[Stamping.Room],
                Stopwatch.Frequency / (pause == 0 ? 50_000 : 2_000)
            );
            List<double> caller = [];
            List<double> worker = [];
            List<double> end = [];
            for (int round = 0; round < rounds; round++)
            {
                if (pause > 0)
                    Thread.Sleep(pause);
                work.Forget();
                long start = Stopwatch.GetTimestamp();
                pool.Run(ref work, 2);
                long finished = Stopwatch.GetTimestamp();
                // One of them had to do both.
                if (work.Begin(0) == 0 || work.Begin(1) == 0)
                    continue;
                caller.Add(Seconds(work.Begin(0) - start));
                worker.Add(Math.Max(0, Seconds(work.Begin(1) - work.Begin(0))));
                end.Add(Seconds(finished - Math.Max(work.End(0), work.End(1))));
            }
            if (caller.Count == 0)
                throw new InvalidOperationException(
                    "No worker came in time to any run: give this process two processors to measure hand-over."
                );
            return new Latencies(Undisturbed([.. caller]), Undisturbed([.. worker]), Undisturbed([.. end]));
        }

        private static double Seconds(long ticks) => ticks / (double)Stopwatch.Frequency;
    }
}

namespace NativeCnn.Threading;

/// <summary>
/// How the time of a pool's runs divides. A run lasts from before its workers are woken until the caller sees the last
/// one done. The busiest worker's share of that is computing; what is left is synchronisation: waking, starting late,
/// and noticing the end. How much less than the busiest the others had to do, on average, is imbalance.
/// </summary>
internal sealed class SynchronisationTimes
{
    // Workers write side by side: a cache line and its neighbour for each.
    private const int Stride = 128 / sizeof(long);

    private long[] _busy = [];
    private int _threads;

    /// <summary>Runs that were shared among the workers; a run of one chunk is not.</summary>
    public long Runs { get; private set; }

    /// <summary>Ticks of <see cref="System.Diagnostics.Stopwatch"/> of these runs.</summary>
    public long RunTicks { get; private set; }

    /// <summary>Ticks beyond the busiest worker's.</summary>
    public long SynchronisationTicks { get; private set; }

    /// <summary>Ticks by which the mean worker was less busy than the busiest.</summary>
    public long ImbalanceTicks { get; private set; }

    /// <summary>Makes room for a pool's workers.</summary>
    internal void Prepare(int threads)
    {
        _threads = threads;
        _busy = new long[(threads + 1) * Stride];
    }

    /// <summary>A worker has done its share; read after the run's end, which orders it.</summary>
    internal void SetBusy(int worker, long ticks) => _busy[(worker + 1) * Stride] = ticks;

    /// <summary>A run has ended.</summary>
    internal void Add(long ticks)
    {
        long most = 0;
        long sum = 0;
        for (int worker = 0; worker < _threads; worker++)
        {
            ref long entry = ref _busy[(worker + 1) * Stride];
            long busy = entry;
            // A worker that comes too late for the next run will have done nothing.
            entry = 0;
            most = Math.Max(most, busy);
            sum += busy;
        }
        Runs++;
        RunTicks += ticks;
        SynchronisationTicks += Math.Max(0, ticks - most);
        ImbalanceTicks += most - sum / _threads;
    }
}

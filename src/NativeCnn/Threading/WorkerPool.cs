namespace NativeCnn.Threading;

/// <summary>
/// A fixed set of threads that run chunks of work and meet at its end. The caller is worker 0. Each worker starts with
/// a contiguous run of chunks that depends only on its number, and then takes over what others have not begun; nothing
/// is locked. A worker spins for the next work a short while and then parks. Running work allocates nothing.
/// </summary>
/// <remarks>
/// A <see cref="ThreadSetup"/> prepares every worker; the caller's own settings are given back after each run. One run
/// at a time: work must not start work. <see cref="Thread.Interrupt"/> does not cut a run short: the interruption is
/// raised at the caller's next wait after it. A pool that nobody disposes ends its threads when it is collected.
/// </remarks>
internal sealed class WorkerPool : IDisposable
{
    private readonly WorkerCrew _crew;

    /// <summary>A pool of <paramref name="threads"/> workers, the caller among them.</summary>
    /// <param name="threads">1 to <see cref="ThreadCount.Maximum"/>.</param>
    /// <param name="setup">What every thread is told before it computes, or null for nothing.</param>
    /// <param name="start">How a thread is started; <see cref="Thread.Start()"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is impossible.</exception>
    /// <exception cref="InvalidOperationException">A thread could not be started; none is left.</exception>
    /// <exception cref="Exception">What the setup threw on a thread; none is left.</exception>
    public WorkerPool(int threads, ThreadSetup? setup = null, Action<Thread>? start = null)
    {
        _crew = new WorkerCrew(
            ThreadCount.Check(threads),
            setup ?? ThreadSetup.None,
            start ?? (thread => thread.Start())
        );
        PlannedThreads = threads;
    }

    /// <summary>How many workers share the chunks.</summary>
    public int Threads => _crew.Threads;

    /// <summary>For how many threads work is to be divided: these, unless another machine is simulated.</summary>
    public int PlannedThreads { get; init; }

    /// <summary>
    /// How many chunks a run should have if its results do not depend on them: one that is late then costs half a
    /// thread's share.
    /// </summary>
    public int WantedChunks => 2 * PlannedThreads;

    /// <summary>
    /// Where each run's waiting is added up, or null, the default, where nothing is measured. Not to be set during a
    /// run.
    /// </summary>
    public SynchronisationTimes? Times
    {
        get => _crew.Times;
        set => _crew.Times = value;
    }

    /// <summary>
    /// Where a pool of one worker keeps its runs, or null, the default, for nowhere. Not to be set during a run.
    /// </summary>
    /// <exception cref="InvalidOperationException">There are several workers.</exception>
    public RunLog? Log
    {
        get => _crew.Log;
        set => _crew.Log = value;
    }

    /// <summary>Runs every chunk of the work and returns when all are done.</summary>
    /// <exception cref="Exception">The first exception that a chunk threw, after all workers have stopped.</exception>
    public void Run<TWork>(ref TWork work, int chunks)
        where TWork : struct, IParallelWork
    {
        _crew.Run(ref work, chunks, ownOnly: false);
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Runs one chunk on every worker: chunk i on worker i, all at once if there are processors for all.
    /// </summary>
    /// <exception cref="Exception">The first exception that a chunk threw, after all workers have stopped.</exception>
    public void RunOnEach<TWork>(ref TWork work)
        where TWork : struct, IParallelWork
    {
        _crew.Run(ref work, Threads, ownOnly: true);
        GC.KeepAlive(this);
    }

    /// <summary>Ends the threads; waits for them.</summary>
    public void Dispose()
    {
        if (_crew.IsStopped)
            return;
        _crew.Dispose();
        GC.SuppressFinalize(this);
    }

    // Null where the constructor threw.
    ~WorkerPool() => _crew?.Stop();
}

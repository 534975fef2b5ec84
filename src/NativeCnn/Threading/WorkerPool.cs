using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace NativeCnn.Threading;

/// <summary>
/// A fixed set of threads that run chunks of work and meet at its end. The caller is worker 0. Chunks go to workers in
/// contiguous runs that depend only on their number, so nothing is locked; a worker spins for the next work a short while
/// and then parks. Running work allocates nothing.
/// </summary>
/// <remarks>
/// A <see cref="ThreadSetup"/> prepares every worker; the caller's own settings are given back after each run. One run at a
/// time: work must not start work.
/// </remarks>
internal sealed unsafe class WorkerPool : IDisposable
{
    // OpenBLAS keeps some tens of kB on the stack, but builds for small-stack platforms have been seen to want megabytes.
    private const int StackBytes = 8 << 20;

    // Some 20 to 50 µs: longer than the gap between two layers, shorter than a scheduler's time slice.
    private const int SpinsBeforeParking = 2000;

    // Several hundred µs: longer than threads with equal shares ever wait for each other.
    private const int SpinsBeforeYielding = 5000;

    private readonly Worker[] _workers;
    private readonly ThreadSetup _setup;
    private int _chunks;
    private void* _work;
    private delegate* <void*, int, int, void> _run;
    private volatile bool _stopping;
    private volatile Exception? _failure;
    private PaddedCounter _generation;
    private PaddedCounter _unfinished;
    private SynchronisationTimes? _times;

    /// <summary>A pool of <paramref name="threads"/> workers, the caller among them.</summary>
    /// <param name="threads">1 to <see cref="ThreadCount.Maximum"/>.</param>
    /// <param name="setup">What every thread is told before it computes, or null for nothing.</param>
    public WorkerPool(int threads, ThreadSetup? setup = null)
    {
        Threads = ThreadCount.Check(threads);
        _setup = setup ?? ThreadSetup.None;
        _workers = new Worker[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
            _workers[i] = new Worker(this, i + 1);
    }

    /// <summary>How many workers share the chunks.</summary>
    public int Threads { get; }

    /// <summary>Where each run's waiting is added up, or null, the default, where nothing is measured. Not to be set during a run.</summary>
    public SynchronisationTimes? Times
    {
        get => _times;
        set
        {
            value?.Prepare(Threads);
            _times = value;
        }
    }

    /// <summary>Runs every chunk of the work and returns when all are done.</summary>
    /// <exception cref="Exception">The first exception that a chunk threw, after all workers have stopped.</exception>
    public void Run<TWork>(ref TWork work, int chunks)
        where TWork : struct, IParallelWork
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        if (chunks <= 0)
            return;
        ulong settings = _setup.Enter();
        try
        {
            if (chunks == 1 || Threads == 1)
            {
                for (int chunk = 0; chunk < chunks; chunk++)
                    work.Run(chunk, 0);
                return;
            }
            RunOnAll(ref work, chunks);
        }
        finally
        {
            _setup.Leave(settings);
        }
    }

    private void RunOnAll<TWork>(ref TWork work, int chunks)
        where TWork : struct, IParallelWork
    {
        long start = _times is null ? 0 : Stopwatch.GetTimestamp();
        // The work lives on the caller's stack, which cannot move while the caller waits here.
        _work = Unsafe.AsPointer(ref work);
        _run = &RunChunk<TWork>;
        _chunks = chunks;
        Volatile.Write(ref _unfinished.Value, _workers.Length);
        // The increment publishes all of the above; a full fence, so that parking is seen or the worker sees the generation.
        Interlocked.Increment(ref _generation.Value);
        foreach (Worker worker in _workers)
            worker.Wake();
        RunShare(0);
        AwaitWorkers();
        _times?.Add(Stopwatch.GetTimestamp() - start);
        if (_failure is { } failure)
        {
            _failure = null;
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    // A yield gives the processor to whatever else runs, for as long as its time slice lasts (measured: 0.5 ms at each layer on a busy
    // machine), so it comes only where workers outnumber processors and one of them waits for this one.
    private void AwaitWorkers()
    {
        for (int spins = 0; Volatile.Read(ref _unfinished.Value) != 0; spins++)
        {
            if (spins < SpinsBeforeYielding)
                Thread.SpinWait(8);
            else
                Thread.Yield();
        }
    }

    private static void RunChunk<TWork>(void* work, int chunk, int worker)
        where TWork : struct, IParallelWork => Unsafe.AsRef<TWork>(work).Run(chunk, worker);

    private void RunShare(int worker)
    {
        long start = _times is null ? 0 : Stopwatch.GetTimestamp();
        int begin = (int)((long)_chunks * worker / Threads);
        int end = (int)((long)_chunks * (worker + 1) / Threads);
        try
        {
            for (int chunk = begin; chunk < end; chunk++)
                _run(_work, chunk, worker);
        }
#pragma warning disable CA1031 // A worker hands every failure to the caller; none may end the process.
        catch (Exception e)
        {
            _failure ??= e;
        }
#pragma warning restore CA1031
        _times?.SetBusy(worker, Stopwatch.GetTimestamp() - start);
    }

    /// <summary>Ends the threads; waits for them.</summary>
    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        Interlocked.Increment(ref _generation.Value);
        foreach (Worker worker in _workers)
            worker.Wake();
        foreach (Worker worker in _workers)
            worker.Dispose();
    }

    // Alone on its cache lines, so that spinning on one counter does not slow writing to its neighbour.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct PaddedCounter
    {
        [FieldOffset(128)]
        public int Value;
    }

    private sealed class Worker : IDisposable
    {
        private readonly WorkerPool _pool;
        private readonly int _index;
        private readonly Thread _thread;

        // Not a lock of any kind: the runtime allocates at a lock's first contention, whenever that is.
        private readonly AutoResetEvent _wake = new(false);
        private int _parked;

        public Worker(WorkerPool pool, int index)
        {
            _pool = pool;
            _index = index;
            _thread = new Thread(Loop, StackBytes) { IsBackground = true, Name = $"NativeCnn worker {index}" };
            _thread.Start();
        }

        public void Wake()
        {
            if (Volatile.Read(ref _parked) != 0 && Interlocked.Exchange(ref _parked, 0) != 0)
                _wake.Set();
        }

        public void Dispose()
        {
            _thread.Join();
            _wake.Dispose();
        }

        private void Loop()
        {
            _pool._setup.Enter();
            // A thread's first wait allocates what the runtime keeps of it; this one, which does not block, comes before any work.
            _wake.WaitOne(0);
            int seen = 0;
            while (true)
            {
                seen = AwaitGeneration(seen);
                if (_pool._stopping)
                    return;
                _pool.RunShare(_index);
                Interlocked.Decrement(ref _pool._unfinished.Value);
            }
        }

        private int AwaitGeneration(int seen)
        {
            for (int spins = 0; spins < SpinsBeforeParking; spins++)
            {
                int now = Volatile.Read(ref _pool._generation.Value);
                if (now != seen)
                    return now;
                Thread.SpinWait(8);
            }
            while (true)
            {
                Interlocked.Exchange(ref _parked, 1);
                int now = Volatile.Read(ref _pool._generation.Value);
                if (now != seen)
                {
                    // Whoever clears the flag first decides: if the caller did, its signal is on the way and must be taken.
                    if (Interlocked.Exchange(ref _parked, 0) == 0)
                        _wake.WaitOne();
                    return now;
                }
                _wake.WaitOne();
            }
        }
    }
}

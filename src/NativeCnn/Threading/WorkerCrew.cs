using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace NativeCnn.Threading;

/// <summary>
/// The threads of a <see cref="WorkerPool"/> and what they share. They hold on to this and not to the pool, so that a
/// pool that nobody disposed can be collected and end them.
/// </summary>
internal sealed unsafe class WorkerCrew : IDisposable
{
    // OpenBLAS keeps some tens of kB on the stack, but builds for small-stack platforms have been seen to want
    // megabytes.
    private const int StackBytes = 8 << 20;

    /// <summary>
    /// How often a worker looks for the next run before it parks: some 0.4 ms, longer than the gap between two layers,
    /// shorter than a scheduler's time slice.
    /// </summary>
    internal const int SpinsBeforeParking = 2000;

    // Longer than the last chunk of a run that is evenly shared.
    private const int SpinsBeforeWaiting = 2000;

    // Of a run's state, below its number in the upper half: whether its chunks are all taken, and how many workers are
    // in it.
    private const long Closed = 1L << 31;
    private const long Inside = Closed - 1;

    // A cache line and its neighbour for each.
    private const int Stride = 128 / sizeof(int);

    private readonly Worker[] _workers;
    private readonly ThreadSetup _setup;
    private readonly int[] _nextChunk;
    private readonly AutoResetEvent _finished = new(false);
    private int _chunks;
    private bool _ownOnly;
    private void* _work;
    private delegate* <void*, int, int, void> _run;
    private volatile bool _stopping;
    private volatile Exception? _failure;
    private PaddedState _state = new() { Value = Closed };
    private int _callerWaits;
    private Thread? _caller;
    private SynchronisationTimes? _times;
    private RunLog? _log;

    /// <summary>Starts the threads and waits until each of them is set up.</summary>
    /// <exception cref="InvalidOperationException">A thread could not be started; none is left.</exception>
    /// <exception cref="Exception">What the setup threw on a thread; none is left.</exception>
    public WorkerCrew(int threads, ThreadSetup setup, Action<Thread> start)
    {
        Threads = threads;
        _setup = setup;
        _nextChunk = new int[(threads + 1) * Stride];
        _workers = new Worker[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
            _workers[i] = new Worker(this, i + 1);
        try
        {
            foreach (Worker worker in _workers)
                worker.Start(start);
            foreach (Worker worker in _workers)
                worker.AwaitSetup();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How many workers share the chunks.</summary>
    public int Threads { get; }

    /// <summary>Whether <see cref="Stop"/> was called.</summary>
    public bool IsStopped => _stopping;

    /// <summary>
    /// Where each run's waiting is added up, or null, the default, where nothing is measured. Not to be set during a
    /// run.
    /// </summary>
    public SynchronisationTimes? Times
    {
        get => _times;
        set
        {
            value?.Prepare(Threads);
            _times = value;
        }
    }

    /// <summary>
    /// Where a crew of one worker keeps its runs, or null, the default, for nowhere. Not to be set during a run.
    /// </summary>
    /// <exception cref="InvalidOperationException">There are several workers.</exception>
    public RunLog? Log
    {
        get => _log;
        set =>
            _log =
                Threads == 1 || value is null
                    ? value
                    : throw new InvalidOperationException("Only the runs of a pool of one worker are logged.");
    }

    /// <summary>Runs every chunk, or, if <paramref name="ownOnly"/>, chunk i on worker i.</summary>
    public void Run<TWork>(ref TWork work, int chunks, bool ownOnly)
        where TWork : struct, IParallelWork
    {
        ObjectDisposedException.ThrowIf(_stopping, typeof(WorkerPool));
        if (chunks <= 0)
            return;
        ulong settings = _setup.Enter();
        try
        {
            if (_log is { } log)
            {
                log.Run(ref work, chunks);
                return;
            }
            if (chunks == 1 || Threads == 1)
            {
                for (int chunk = 0; chunk < chunks; chunk++)
                    work.Run(chunk, 0);
                return;
            }
            RunOnAll(ref work, chunks, ownOnly);
        }
        finally
        {
            _setup.Leave(settings);
        }
    }

    private void RunOnAll<TWork>(ref TWork work, int chunks, bool ownOnly)
        where TWork : struct, IParallelWork
    {
        long start = _times is null ? 0 : Stopwatch.GetTimestamp();
        if (_caller != Thread.CurrentThread)
        {
            _caller = Thread.CurrentThread;
            PrepareToWait(_finished);
        }
        // A copy on this stack, which stays where it is while the caller waits here; the caller's may be on the heap.
        TWork unmoving = work;
        _work = Unsafe.AsPointer(ref unmoving);
        _run = &RunChunk<TWork>;
        _chunks = chunks;
        _ownOnly = ownOnly;
        for (int worker = 0; worker < Threads; worker++)
            NextChunk(worker) = FirstChunk(worker);
        // The last run is closed and left by all, so that nobody else writes. The exchange publishes all of the above;
        // a full fence, so that parking is seen or the worker sees the run.
        Interlocked.Exchange(ref _state.Value, (long)(Number(_state.Value) + 1) << 32);
        foreach (Worker worker in _workers)
            worker.Wake();
        RunChunks(0);
        if (ownOnly)
            AwaitAllBegun();
        Interlocked.Or(ref _state.Value, Closed);
        AwaitWorkers();
        _times?.Add(Stopwatch.GetTimestamp() - start);
        if (_failure is { } failure)
        {
            _failure = null;
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private static int Number(long state) => (int)(state >> 32);

    private ref int NextChunk(int worker) => ref _nextChunk[(worker + 1) * Stride];

    // Also where the run of the worker before ends.
    private int FirstChunk(int worker) => (int)((long)_chunks * worker / Threads);

    // A worker that comes when all chunks are taken stays outside: the caller need not wait for one that got no
    // processor.
    private bool TryEnter(int number)
    {
        long state = Volatile.Read(ref _state.Value);
        while (Number(state) == number && (state & Closed) == 0)
        {
            long found = Interlocked.CompareExchange(ref _state.Value, state + 1, state);
            if (found == state)
                return true;
            state = found;
        }
        return false;
    }

    private void Leave()
    {
        if (
            (Interlocked.Decrement(ref _state.Value) & (Closed | Inside)) == Closed
            && Volatile.Read(ref _callerWaits) != 0
            && Interlocked.Exchange(ref _callerWaits, 0) != 0
        )
            _finished.Set();
    }

    // On a busy machine a worker loses its processor in the midst of a chunk. A caller that spun on would keep the
    // other one from it, and one that yielded would give it to whatever else runs; waiting leaves it idle, and the
    // system moves the worker there.
    private void AwaitWorkers()
    {
        for (int spins = 0; spins < SpinsBeforeWaiting; spins++)
        {
            if ((Volatile.Read(ref _state.Value) & Inside) == 0)
                return;
            Thread.SpinWait(8);
        }
        do
        {
            Interlocked.Exchange(ref _callerWaits, 1);
            // Whoever clears the flag first decides: if a worker did, its signal is on the way and must be taken.
            if ((Volatile.Read(ref _state.Value) & Inside) == 0 && Interlocked.Exchange(ref _callerWaits, 0) != 0)
                return;
            UninterruptibleWait.For(_finished);
        } while ((Volatile.Read(ref _state.Value) & Inside) != 0);
    }

    // Not SpinWait, which sleeps now and then: a sleep can be interrupted.
    private void AwaitAllBegun()
    {
        for (int worker = 1; worker < Threads; worker++)
            while (Volatile.Read(ref NextChunk(worker)) < FirstChunk(worker + 1))
            {
                Thread.SpinWait(8);
                Thread.Yield();
            }
    }

    // A thread's first wait allocates what the runtime keeps of it; this one does not block.
    private static void PrepareToWait(AutoResetEvent signal) => UninterruptibleWait.For(signal, milliseconds: 0);

    private static void RunChunk<TWork>(void* work, int chunk, int worker)
        where TWork : struct, IParallelWork => Unsafe.AsRef<TWork>(work).Run(chunk, worker);

    private void RunChunks(int worker)
    {
        long start = _times is null ? 0 : Stopwatch.GetTimestamp();
        try
        {
            // Its own first, then what the others have not begun.
            for (int i = 0; i < (_ownOnly ? 1 : Threads); i++)
            {
                int owner = worker + i < Threads ? worker + i : worker + i - Threads;
                int end = FirstChunk(owner + 1);
                while (Volatile.Read(ref NextChunk(owner)) < end)
                {
                    int chunk = Interlocked.Increment(ref NextChunk(owner)) - 1;
                    if (chunk < end)
                        _run(_work, chunk, worker);
                }
            }
        }
#pragma warning disable CA1031 // A worker hands every failure to the caller; none may end the process.
        catch (Exception e)
        {
            _failure ??= e;
        }
#pragma warning restore CA1031
        _times?.SetBusy(worker, Stopwatch.GetTimestamp() - start);
    }

    /// <summary>Tells the threads to end; does not wait.</summary>
    public void Stop()
    {
        if (_stopping)
            return;
        _stopping = true;
        Interlocked.Exchange(ref _state.Value, ((long)(Number(_state.Value) + 1) << 32) | Closed);
        foreach (Worker worker in _workers)
            worker.Wake();
    }

    /// <summary>Ends the threads, waits for them, and frees what they waited on.</summary>
    public void Dispose()
    {
        Stop();
        foreach (Worker worker in _workers)
            worker.Dispose();
        _finished.Dispose();
    }

    // Alone on its cache lines, so that spinning on it does not slow writing to its neighbours.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct PaddedState
    {
        [FieldOffset(128)]
        public long Value;
    }

    private sealed class Worker : IDisposable
    {
        private readonly WorkerCrew _crew;
        private readonly int _index;
        private readonly Thread _thread;

        // Not a lock of any kind: the runtime allocates at a lock's first contention, whenever that is.
        private readonly AutoResetEvent _wake = new(false);
        private readonly ManualResetEvent _ready = new(false);
        private ExceptionDispatchInfo? _failure;
        private bool _started;
        private int _parked;

        public Worker(WorkerCrew crew, int index)
        {
            _crew = crew;
            _index = index;
            _thread = new Thread(Loop, StackBytes) { IsBackground = true, Name = $"NativeCnn worker {index}" };
        }

        public void Start(Action<Thread> start)
        {
            try
            {
                start(_thread);
                _started = true;
            }
            // What the runtime throws where the system gives it no thread.
            catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
            {
                throw new InvalidOperationException(
                    $"Thread {_index + 1} of {_crew.Threads} could not be started ({e.Message.TrimEnd('.')}). Use fewer threads.",
                    e
                );
            }
        }

        // Throws what the setup threw.
        public void AwaitSetup()
        {
            UninterruptibleWait.For(_ready);
            _failure?.Throw();
        }

        public void Wake()
        {
            if (Volatile.Read(ref _parked) != 0 && Interlocked.Exchange(ref _parked, 0) != 0)
                _wake.Set();
        }

        public void Dispose()
        {
            if (_started)
                UninterruptibleWait.ForEnd(_thread);
            _wake.Dispose();
            _ready.Dispose();
        }

        private void Loop()
        {
            try
            {
                _crew._setup.Enter();
                PrepareToWait(_wake);
            }
#pragma warning disable CA1031 // Whoever makes the pool gets every failure; none may end the process.
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }
#pragma warning restore CA1031
            _ready.Set();
            if (_failure is not null)
                return;
            int seen = 0;
            while (true)
            {
                seen = AwaitRun(seen);
                if (_crew._stopping)
                    return;
                if (!_crew.TryEnter(seen))
                    continue;
                _crew.RunChunks(_index);
                _crew.Leave();
            }
        }

        private int AwaitRun(int seen)
        {
            for (int spins = 0; spins < SpinsBeforeParking; spins++)
            {
                int now = Number(Volatile.Read(ref _crew._state.Value));
                if (now != seen)
                    return now;
                Thread.SpinWait(8);
            }
            while (true)
            {
                Interlocked.Exchange(ref _parked, 1);
                int now = Number(Volatile.Read(ref _crew._state.Value));
                if (now != seen)
                {
                    // Whoever clears the flag first decides: if the caller did, its signal is on the way and must be
                    // taken.
                    if (Interlocked.Exchange(ref _parked, 0) == 0)
                        _wake.WaitOne();
                    return now;
                }
                _wake.WaitOne();
            }
        }
    }
}

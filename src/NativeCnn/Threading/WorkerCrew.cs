using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace NativeCnn.Threading;

/// <summary>
/// The threads of a <see cref="WorkerPool"/> and what they share. They hold on to this and not to the pool, so that a
/// pool that nobody disposed can be collected and end them.
/// </summary>
internal sealed unsafe partial class WorkerCrew : IDisposable
{
    // OpenBLAS keeps some tens of kB on the stack, but builds for small-stack platforms have been seen to want
    // megabytes.
    private const int StackBytes = 8 << 20;

    /// <summary>
    /// How often a worker looks for the next run before it parks: some 0.4 ms, longer than the gap between two layers,
    /// shorter than a scheduler's time slice.
    /// </summary>
    internal const int SpinsBeforeParking = 2000;

    /// <summary>How many others a worker wakes; the caller thus all of so many.</summary>
    internal const int WokenByOne = 8;

    // Longer than the last chunk of a run that is evenly shared.
    private const int SpinsBeforeWaiting = 2000;

    private readonly Worker[] _workers;
    private readonly ThreadSetup _setup;

    // Of each worker, the number of the run that its share belongs to in the upper half, and its next chunk below.
    private readonly PaddedNumber[] _nextChunk;

    // Of each worker, the number of the run that it is in, or 0.
    private readonly PaddedNumber[] _inside;
    private readonly AutoResetEvent _finished = new(false);
    private int _chunks;
    private int _sharers;
    private bool _ownOnly;
    private void* _work;
    private delegate* <void*, int, int, void> _run;
    private volatile bool _stopping;
    private volatile Exception? _failure;

    // The last run, for which workers wait, and the last one whose chunks are all taken; runs count from 1.
    private PaddedNumber _begun;
    private PaddedNumber _closed;
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
        _nextChunk = new PaddedNumber[threads];
        _inside = new PaddedNumber[threads];
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
        _sharers = Math.Min(chunks, Threads);
        _ownOnly = ownOnly;
        // The last run is closed and left by all, so that nobody else writes. The exchange publishes all of the above;
        // a full fence, so that parking is seen or the worker sees the run.
        int number = Next((int)_begun.Value);
        Interlocked.Exchange(ref _begun.Value, number);
        WakeOthers(0);
        RunChunks(0, number);
        if (ownOnly)
            AwaitAllBegun(number);
        // A full fence: a worker that enters sees that the run is closed, or is seen inside.
        Interlocked.Exchange(ref _closed.Value, number);
        AwaitWorkers(number);
        _times?.Add(Stopwatch.GetTimestamp() - start);
        if (_failure is { } failure)
        {
            _failure = null;
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    // 0 stands for no run.
    private static int Next(int number) => number == int.MaxValue ? 1 : number + 1;

    // Also where the share of the worker before ends.
    private int FirstChunk(int worker) => (int)((long)_chunks * worker / _sharers);

    // Waking takes some microseconds, being woken ten times as long: every worker that has a share wakes a few others
    // before it begins, so that the caller is soon free and all are awake after two steps. One that is not parked costs
    // a glance.
    private void WakeOthers(int worker)
    {
        int end = (int)Math.Min(_sharers, (long)WokenByOne * (worker + 1) + 1);
        for (int other = WokenByOne * worker + 1; other < end; other++)
            _workers[other - 1].Wake();
    }

    // A worker that comes when all chunks are taken stays outside: the caller need not wait for one that got no
    // processor. Each has a mark of its own, so that nobody waits for another's turn to come in.
    private bool TryEnter(int worker, int number)
    {
        // A full fence, as where the caller closes.
        Interlocked.Exchange(ref _inside[worker].Value, number);
        if (Volatile.Read(ref _closed.Value) != number && Volatile.Read(ref _begun.Value) == number)
            return true;
        Leave(worker);
        return false;
    }

    private void Leave(int worker)
    {
        Interlocked.Exchange(ref _inside[worker].Value, 0);
        if (Volatile.Read(ref _callerWaits) != 0 && Interlocked.Exchange(ref _callerWaits, 0) != 0)
            _finished.Set();
    }

    private bool AreAllOutside(int number)
    {
        for (int worker = 1; worker < _sharers; worker++)
        {
            if (Volatile.Read(ref _inside[worker].Value) == number)
                return false;
        }
        return true;
    }

    // On a busy machine a worker loses its processor in the midst of a chunk. A caller that spun on would keep the
    // other one from it, and one that yielded would give it to whatever else runs; waiting leaves it idle, and the
    // system moves the worker there.
    private void AwaitWorkers(int number)
    {
        for (int spins = 0; spins < SpinsBeforeWaiting; spins++)
        {
            if (AreAllOutside(number))
                return;
            Thread.SpinWait(8);
        }
        do
        {
            Interlocked.Exchange(ref _callerWaits, 1);
            // Whoever clears the flag first decides: if a worker did, its signal is on the way and must be taken.
            if (AreAllOutside(number) && Interlocked.Exchange(ref _callerWaits, 0) != 0)
                return;
            UninterruptibleWait.For(_finished);
        } while (!AreAllOutside(number));
    }

    // Not SpinWait, which sleeps now and then: a sleep can be interrupted.
    private void AwaitAllBegun(int number)
    {
        for (int worker = 1; worker < Threads; worker++)
            while (NextChunk(Volatile.Read(ref _nextChunk[worker].Value), worker, number) < FirstChunk(worker + 1))
            {
                Thread.SpinWait(8);
                Thread.Yield();
            }
    }

    // A thread's first wait allocates what the runtime keeps of it; this one does not block.
    private static void PrepareToWait(AutoResetEvent signal) => UninterruptibleWait.For(signal, milliseconds: 0);

    private static void RunChunk<TWork>(void* work, int chunk, int worker)
        where TWork : struct, IParallelWork => Unsafe.AsRef<TWork>(work).Run(chunk, worker);

    private void RunChunks(int worker, int number)
    {
        long start = _times is null ? 0 : Stopwatch.GetTimestamp();
        try
        {
            // Its own first, then what the others have not begun.
            for (int i = 0; i < (_ownOnly ? 1 : _sharers); i++)
            {
                int owner = worker + i < _sharers ? worker + i : worker + i - _sharers;
                while (TryTake(owner, number) is { } chunk)
                    _run(_work, chunk, worker);
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

    // A share that nobody has touched in this run begins at its first chunk: the caller need not write them all.
    private int NextChunk(long state, int owner, int number) =>
        (int)(state >> 32) == number ? unchecked((int)state) : FirstChunk(owner);

    private int? TryTake(int owner, int number)
    {
        ref long next = ref _nextChunk[owner].Value;
        int end = FirstChunk(owner + 1);
        long state = Volatile.Read(ref next);
        while (true)
        {
            int chunk = NextChunk(state, owner, number);
            if (chunk >= end)
                return null;
            long found = Interlocked.CompareExchange(ref next, ((long)number << 32) | (uint)(chunk + 1), state);
            if (found == state)
                return chunk;
            state = found;
        }
    }

    /// <summary>Tells the threads to end; does not wait.</summary>
    public void Stop()
    {
        if (_stopping)
            return;
        _stopping = true;
        Interlocked.Exchange(ref _begun.Value, Next((int)_begun.Value));
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

    // Alone on its cache lines and their neighbours, so that spinning on it does not slow writing beside it.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct PaddedNumber
    {
        [FieldOffset(128)]
        public long Value;
    }
}

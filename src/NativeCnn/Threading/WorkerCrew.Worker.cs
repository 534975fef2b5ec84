using System.Runtime.ExceptionServices;

namespace NativeCnn.Threading;

// One thread: it waits for a run, takes part in it, and parks where none comes for a while.
internal sealed unsafe partial class WorkerCrew
{
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

        // On lines of its own: the caller looks at it in every run.
        private PaddedNumber _parked;

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
            if (Volatile.Read(ref _parked.Value) != 0 && Interlocked.Exchange(ref _parked.Value, 0) != 0)
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
                // More workers than chunks: the last have no share, and need not be waited for.
                if (_index >= Volatile.Read(ref _crew._sharers))
                    continue;
                _crew.WakeOthers(_index);
                if (!_crew.TryEnter(_index, seen))
                    continue;
                _crew.RunChunks(_index, seen);
                _crew.Leave(_index);
            }
        }

        private int AwaitRun(int seen)
        {
            for (int spins = 0; spins < SpinsBeforeParking; spins++)
            {
                var now = (int)Volatile.Read(ref _crew._begun.Value);
                if (now != seen)
                    return now;
                Thread.SpinWait(8);
            }
            while (true)
            {
                Interlocked.Exchange(ref _parked.Value, 1);
                var now = (int)Volatile.Read(ref _crew._begun.Value);
                if (now != seen)
                {
                    // Whoever clears the flag first decides: if the caller did, its signal is on the way and must be
                    // taken.
                    if (Interlocked.Exchange(ref _parked.Value, 0) == 0)
                        _wake.WaitOne();
                    return now;
                }
                _wake.WaitOne();
            }
        }
    }
}

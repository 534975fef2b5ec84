using System.Runtime.CompilerServices;
using NativeCnn.Threading;

namespace NativeCnn.Tests.Threading;

/// <summary>Threads that cannot start, that nobody ends, and callers that are interrupted.</summary>
public sealed class WorkerPoolEndTests
{
    private sealed class FailingSetup(int on) : ThreadSetup
    {
        private int _entered;

        public override ulong Enter() =>
            Interlocked.Increment(ref _entered) == on ? throw new TimeZoneNotFoundException("not set up") : 0UL;
    }

    // The caller interrupts itself, and the others end long after it has begun to wait.
    private readonly struct Interrupted(int[]? runs) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            if (runs is null)
                return;
            if (worker == 0)
                Thread.CurrentThread.Interrupt();
            else
                Thread.Sleep(20);
            Interlocked.Increment(ref runs[chunk]);
        }
    }

    [Fact]
    public void An_interruption_waits_for_the_end_of_the_run()
    {
        int[] runs = new int[3];
        bool raised = false;
        // A thread of its own, so that no interruption is left over for others.
        var caller = new Thread(() =>
        {
            using var pool = new WorkerPool(3);
            for (int round = 1; round <= 20; round++)
            {
                var work = new Interrupted(runs);
                pool.RunOnEach(ref work);
                Assert.All(runs, count => Assert.Equal(round, count));
            }
            try
            {
                Thread.Sleep(1);
            }
            catch (ThreadInterruptedException)
            {
                raised = true;
            }
        });
        caller.Start();
        caller.Join();
        Assert.Equal([20, 20, 20], runs);
        Assert.True(raised);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_thread_that_cannot_be_set_up_is_one_exception_and_no_thread_is_left(int failing)
    {
        var threads = new List<Thread>();
        Assert.Throws<TimeZoneNotFoundException>(() => new WorkerPool(5, new FailingSetup(failing), Started(threads)));
        Assert.Equal(4, threads.Count);
        Assert.All(threads, thread => Assert.False(thread.IsAlive));
    }

    [Fact]
    public void A_thread_that_cannot_be_started_is_one_exception_and_no_thread_is_left()
    {
        var threads = new List<Thread>();
        Action<Thread> start = Started(threads);
        string message = Assert
            .Throws<InvalidOperationException>(() =>
                new WorkerPool(5, null, thread => (threads.Count == 2 ? Refuse : start)(thread))
            )
            .Message;
        Assert.Equal("Thread 4 of 5 could not be started (no more). Use fewer threads.", message);
        Assert.Equal(2, threads.Count);
        Assert.All(threads, thread => Assert.False(thread.IsAlive));
    }

    [Fact]
    public void Threads_of_a_pool_that_nobody_disposes_end()
    {
        var threads = new List<Thread>();
        UseWithoutEnd(threads);
        for (int i = 0; i < 100 && threads.Any(thread => thread.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(20);
        }
        Assert.All(threads, thread => Assert.False(thread.IsAlive));
    }

    // Not inlined, so that nothing of the caller's keeps the pool.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UseWithoutEnd(List<Thread> threads)
    {
        var pool = new WorkerPool(3, null, Started(threads));
        var work = new Interrupted(null);
        pool.Run(ref work, 6);
        Assert.Equal(2, threads.Count);
    }

    private static Action<Thread> Started(List<Thread> threads) =>
        thread =>
        {
            threads.Add(thread);
            thread.Start();
        };

    private static void Refuse(Thread thread) => throw new InsufficientMemoryException("no more.");
}

using NativeCnn.Threading;

namespace NativeCnn.Tests.Threading;

public sealed class WorkerPoolTests
{
    private readonly struct Recording(int[] runs, int[] workers) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            Interlocked.Increment(ref runs[chunk]);
            workers[chunk] = worker;
        }
    }

    private readonly struct Failing(int at) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            if (chunk == at)
                throw new InvalidOperationException($"chunk {chunk} failed");
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 7)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(3, 100)]
    [InlineData(8, 5)]
    // More than the caller wakes by itself, and some that have no share.
    [InlineData(20, 30)]
    [InlineData(20, 12)]
    public void Every_chunk_runs_once_on_a_worker_that_exists(int threads, int chunks)
    {
        using var pool = new WorkerPool(threads);
        int[] runs = new int[chunks];
        int[] workers = new int[chunks];
        for (int round = 1; round <= 200; round++)
        {
            var work = new Recording(runs, workers);
            pool.Run(ref work, chunks);
            Assert.All(runs, count => Assert.Equal(round, count));
        }
        Assert.All(workers, worker => Assert.InRange(worker, 0, threads - 1));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(80)]
    public void Parked_workers_wake_again(int threads)
    {
        using var pool = new WorkerPool(threads);
        int[] runs = new int[threads];
        int[] workers = new int[threads];
        for (int round = 1; round <= 5; round++)
        {
            Thread.Sleep(30);
            var work = new Recording(runs, workers);
            // Every worker has to come, those too that others wake.
            pool.RunOnEach(ref work);
            Assert.All(runs, count => Assert.Equal(round, count));
        }
        Assert.Equal(Enumerable.Range(0, threads), workers);
    }

    [Fact]
    public void Running_on_each_worker_gives_each_one_its_chunk()
    {
        using var pool = new WorkerPool(4);
        int[] runs = new int[4];
        int[] workers = [-1, -1, -1, -1];
        for (int round = 1; round <= 100; round++)
        {
            var work = new Recording(runs, workers);
            pool.RunOnEach(ref work);
            Assert.All(runs, count => Assert.Equal(round, count));
            Assert.Equal([0, 1, 2, 3], workers);
        }
    }

    private readonly struct Stalling(ManualResetEventSlim othersDone, int[] left) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            // The last worker's first chunk ends only when all others are done, whoever ran them.
            if (chunk == 6)
                Assert.True(othersDone.Wait(TimeSpan.FromSeconds(60)));
            else if (Interlocked.Decrement(ref left[0]) == 0)
                othersDone.Set();
        }
    }

    [Fact]
    public void Chunks_of_a_worker_that_is_held_up_are_taken_over()
    {
        using var pool = new WorkerPool(3);
        for (int round = 0; round < 20; round++)
        {
            using var othersDone = new ManualResetEventSlim();
            var work = new Stalling(othersDone, [8]);
            pool.Run(ref work, 9);
        }
    }

    [Fact]
    public void More_workers_than_processors_finish_many_short_runs()
    {
        using var pool = new WorkerPool(16);
        int[] runs = new int[40];
        int[] workers = new int[40];
        for (int round = 1; round <= 500; round++)
        {
            var work = new Recording(runs, workers);
            pool.Run(ref work, 40);
            Assert.All(runs, count => Assert.Equal(round, count));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_chunks_exception_reaches_the_caller_and_the_pool_lives_on(int at)
    {
        using var pool = new WorkerPool(2);
        var failing = new Failing(at);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() =>
        {
            Failing work = failing;
            pool.Run(ref work, 4);
        });
        Assert.Equal($"chunk {at} failed", e.Message);
        int[] runs = new int[4];
        var next = new Recording(runs, new int[4]);
        pool.Run(ref next, 4);
        Assert.Equal([1, 1, 1, 1], runs);
    }

    [Fact]
    public void Running_allocates_nothing()
    {
        using var pool = new WorkerPool(2);
        var work = new Recording(new int[8], new int[8]);
        void Run(int times)
        {
            for (int i = 0; i < times; i++)
                pool.Run(ref work, 8);
        }
        Run(100);
        Assert.Equal(0, AllocationMeter.Measure(() => Run(1000), pool));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(1025)]
    public void An_impossible_number_of_threads_is_refused_with_the_limits(int threads)
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool(threads));
        Assert.Contains($"{threads} threads are impossible: use 1 to 1024", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_pool_refuses_work()
    {
        var pool = new WorkerPool(2);
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() =>
        {
            var work = new Recording(new int[1], new int[1]);
            pool.Run(ref work, 1);
        });
    }
}

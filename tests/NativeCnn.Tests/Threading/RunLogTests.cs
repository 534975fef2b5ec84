using System.Diagnostics;
using NativeCnn.Threading;

namespace NativeCnn.Tests.Threading;

/// <summary>The log of a pool's runs, for the simulation of more workers.</summary>
public class RunLogTests
{
    private readonly struct Waiting(int[] counts, double milliseconds) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            counts[chunk]++;
            long start = Stopwatch.GetTimestamp();
            while (chunk == 1 && Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds)
                Thread.SpinWait(10);
        }
    }

    [Fact]
    public void It_has_the_time_of_every_chunk_of_every_run()
    {
        using var pool = new WorkerPool(1);
        var log = new RunLog();
        int[] counts = new int[3];
        var work = new Waiting(counts, 5);
        pool.Run(ref work, 3);
        pool.Log = log;
        pool.Run(ref work, 3);
        pool.Run(ref work, 1);
        pool.Log = null;
        pool.Run(ref work, 3);

        Assert.Equal([4, 3, 3], counts);
        Assert.Equal([3, 1], log.Runs.Select(run => run.Length));
        Assert.True(log.Runs[0][1] >= Stopwatch.Frequency * 5 / 1000);
        Assert.All(log.Runs[0], ticks => Assert.True(ticks >= 0));
        log.Clear();
        Assert.Empty(log.Runs);
    }

    [Fact]
    public void A_pool_of_several_workers_has_none()
    {
        using var pool = new WorkerPool(2);
        Assert.Throws<InvalidOperationException>(() => pool.Log = new RunLog());
        pool.Log = null;
    }

    [Fact]
    public void A_pool_without_a_log_allocates_nothing()
    {
        using var pool = new WorkerPool(1);
        var work = new Waiting(new int[3], 0);
        pool.Run(ref work, 3);
        Assert.Equal(0, AllocationMeter.Measure(() => pool.Run(ref work, 3), pool));
    }
}

using NativeCnn.Threading;

namespace NativeCnn.Tests.Threading;

public sealed class AllocationMeterTests
{
    [Fact]
    public void What_the_caller_and_the_workers_allocate_is_counted_exactly()
    {
        using var pool = new WorkerPool(3);
        var work = new Allocating(new byte[6][]);
        long once = AllocationMeter.Measure(() => pool.Run(ref work, 6), pool);
        Assert.InRange(once, 6 * 1000, 6 * 1100);
        Assert.Equal(once, AllocationMeter.Measure(() => pool.Run(ref work, 6), pool));
    }

    [Fact]
    public void What_other_threads_allocate_and_collections_meanwhile_are_not_counted()
    {
        using var pool = new WorkerPool(2);
        var work = new Allocating(new byte[2][]);
        pool.Run(ref work, 2);
        bool stop = false;
        object? kept = null;
        var other = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
                kept = new byte[500];
        });
        other.Start();
        for (int round = 0; round < 20; round++)
        {
            kept = new byte[round];
            long counted = AllocationMeter.Measure(
                () =>
                {
                    GC.Collect();
                    Thread.SpinWait(1000);
                },
                pool
            );
            Assert.Equal(0, counted);
        }
        Volatile.Write(ref stop, true);
        other.Join();
        GC.KeepAlive(kept);
    }

    private readonly struct Allocating(byte[][] kept) : IParallelWork
    {
        public void Run(int chunk, int worker) => kept[chunk] = new byte[1000];
    }
}

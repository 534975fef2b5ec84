using System.Diagnostics;
using NativeCnn.Threading;

namespace NativeCnn.Tests.Threading;

public sealed class SynchronisationTimesTests
{
    // Chunk 0 takes the longest, so that worker 0 is the busiest.
    private readonly struct Uneven(int milliseconds) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            long start = Stopwatch.GetTimestamp();
            while (chunk == 0 && Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds)
                Thread.SpinWait(10);
        }
    }

    [Fact]
    public void A_run_divides_into_the_busiest_worker_and_synchronisation()
    {
        using var pool = new WorkerPool(2);
        var times = new SynchronisationTimes();
        pool.Times = times;
        var work = new Uneven(20);
        for (int i = 0; i < 3; i++)
            pool.Run(ref work, 2);
        // One chunk is not shared and counts nowhere.
        pool.Run(ref work, 1);
        pool.Times = null;
        pool.Run(ref work, 2);

        Assert.Equal(3, times.Runs);
        Assert.True(Milliseconds(times.RunTicks) >= 60);
        Assert.InRange(times.SynchronisationTicks, 0, times.RunTicks - Stopwatch.Frequency * 60 / 1000);
        // One worker of two has nothing to do: the mean is half of the busiest.
        Assert.True(Milliseconds(times.ImbalanceTicks) > 0);
        Assert.True(times.ImbalanceTicks <= (times.RunTicks - times.SynchronisationTicks) / 2 + 3);
    }

    private static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}

using NativeCnn.Benchmarks;
using NativeCnn.Randomness;

namespace NativeCnn.Tests.Threading;

/// <summary>The prediction of a run of the pool on more workers than there are processors.</summary>
public class RunScheduleTests
{
    private static readonly HandOver Some = new(0.2, 0.5, 0.01, 0.3, 2, 30, 50);
    private static readonly int[] Threads = [1, 2, 3, 8, 17, 64, 128];

    private static double[] Noise(int count, ulong seed)
    {
        RandomStream random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => 0.01 + random.NextSingle())];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(500)]
    public void One_thread_takes_the_sum_and_hands_nothing_over(int count)
    {
        double[] chunks = Noise(count, 1);
        Assert.Equal(chunks.Sum(), RunSchedule.Time(chunks, 1, Some, areParked: true), 9);
    }

    [Fact]
    public void One_chunk_is_not_shared() => Assert.Equal(3, RunSchedule.Time([3], 64, Some, areParked: true), 9);

    [Theory]
    [InlineData(2)]
    [InlineData(30)]
    public void With_a_thread_for_each_chunk_it_is_the_longest_chunk_and_hand_over(int count)
    {
        double[] chunks = Noise(count, 2);
        Assert.Equal(chunks.Max(), RunSchedule.Time(chunks, count, HandOver.None), 9);
        Assert.Equal(chunks.Max(), RunSchedule.Time(chunks, 1024, HandOver.None), 9);
        // The caller's chunk is short, and every other worker begins and ends at once.
        HandOver cost = Some with
        {
            Transfer = 0,
        };
        double[] equal = [.. Enumerable.Repeat(5.0, count)];
        Assert.Equal(0.2 + 0.5 + 5 + 0.3, RunSchedule.Time(equal, count, cost), 9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(100)]
    [InlineData(1000)]
    public void It_is_never_better_than_the_sum_divided_nor_worse_than_a_greedy_schedule_may_be(int count)
    {
        double[] chunks = Noise(count, 3);
        foreach (int threads in Threads)
        {
            double time = RunSchedule.Time(chunks, threads, HandOver.None);
            Assert.True(time >= chunks.Sum() / threads - 1e-9);
            Assert.True(time >= chunks.Max() - 1e-9);
            // Graham's bound of every schedule in which nobody waits while there is work.
            Assert.True(time <= chunks.Sum() / threads + chunks.Max() + 1e-9);
            Assert.True(RunSchedule.Time(chunks, threads, Some) >= chunks.Sum() / threads - 1e-9);
        }
    }

    // Worker 0 has chunks 0 and 1, worker 1 has 2 and 3. Worker 1 is done at 2 and takes chunk 1 at once.
    [Fact]
    public void Workers_take_their_own_chunks_first_and_then_the_others()
    {
        Assert.Equal(10, RunSchedule.Time([10, 4, 1, 1], 2, HandOver.None), 9);
        Assert.Equal(16, RunSchedule.Time([10, 14, 1, 1], 2, HandOver.None), 9);
        // From the front of another's share: [1, 1, 1 | 1, 9] ends at 1 + 9, and not at 9.
        Assert.Equal(10, RunSchedule.Time([1, 1, 1, 9], 2, HandOver.None), 9);
    }

    [Fact]
    public void A_caller_that_is_done_before_the_others_come_does_not_wait_for_them()
    {
        // The worker begins at 0.2 + 0.5; the caller has done both chunks by then.
        Assert.Equal(0.2 + 0.1, RunSchedule.Time([0.05, 0.05], 2, Some), 9);
    }

    [Fact]
    public void Workers_see_a_run_one_after_the_other_and_the_caller_their_marks()
    {
        double[] chunks = [.. Enumerable.Repeat(10.0, 64)];
        // 62 workers see it before the last, whose mark is then read.
        double expected = 0.2 + 0.5 + 62 * 0.01 + 10 + 0.01 + 0.3;
        Assert.Equal(expected, RunSchedule.Time(chunks, 64, Some), 9);
    }

    [Fact]
    public void Few_parked_workers_are_woken_by_the_caller()
    {
        double[] chunks = [.. Enumerable.Repeat(1000.0, 8)];
        double expected = 0.2 + 7 * 2 + 30 + 1000 + 0.01 + 0.3;
        Assert.Equal(expected, RunSchedule.Time(chunks, 8, Some, areParked: true), 9);
    }

    [Fact]
    public void Parked_workers_wake_others()
    {
        double[] chunks = [.. Enumerable.Repeat(1000.0, 17)];
        // Worker 1 is awake after one signal, wakes 9 to 16, and begins itself; each other's mark is read behind it.
        double last = 0.2 + 2 + 30 + 8 * 2 + 30 + 1000;
        Assert.Equal(last + 0.01 + 0.3, RunSchedule.Time(chunks, 17, Some, areParked: true), 9);
    }

    [Fact]
    public void Workers_without_a_chunk_cost_nothing()
    {
        double[] chunks = [.. Enumerable.Repeat(10.0, 4)];
        Assert.Equal(RunSchedule.Time(chunks, 4, Some), RunSchedule.Time(chunks, 64, Some), 9);
    }

    private static readonly RecordedOperation Operation = new(
        "conv forward",
        "direct",
        Bytes: 100,
        Serial: 2,
        [
            [4, 4, 4, 4],
            [8, 8],
        ]
    );

    [Fact]
    public void Losses_are_told_apart_and_add_up()
    {
        var machine = new SimulatedMachine(HandOver.None, Bandwidth: 1e9, CacheBytes: 0);
        PredictedTime time = StepPrediction.Predict([Operation], 4, machine)[0];
        Assert.Equal(34 / 4.0, time.Divided, 9);
        Assert.Equal(2 * 3 / 4.0, time.Serial, 9);
        // The run of two chunks takes 8 and not 4.
        Assert.Equal(4, time.Chunks, 9);
        Assert.Equal(0, time.Bandwidth + time.HandOver, 9);
        Assert.Equal(2 + 4 + 8, time.Time, 9);
    }

    [Fact]
    public void Memory_limits_what_no_cache_holds()
    {
        // 100 bytes in 34 s alone, the first run's part of them 100 · 16 / 34; at 5 bytes a second it takes 9.4 s.
        var machine = new SimulatedMachine(HandOver.None, Bandwidth: 5, CacheBytes: 0);
        double streamed = 100 * 16 / 34.0 / 5;
        Assert.Equal(streamed - 4, StepPrediction.Predict([Operation], 4, machine)[0].Bandwidth - (streamed - 8), 9);
        Assert.Equal(0, StepPrediction.Predict([Operation], 1, machine)[0].Lost, 9);
        Assert.Equal(0, StepPrediction.Predict([Operation], 4, machine with { CacheBytes = 100 })[0].Bandwidth, 9);
        // What one thread moved in its time is the most there can be.
        PredictedTime slow = StepPrediction.Predict([Operation], 4, machine with { Bandwidth = 0.01 })[0];
        Assert.Equal(34, slow.Time, 9);
    }

    [Fact]
    public void Workers_park_where_the_caller_alone_is_busy_for_long()
    {
        HandOver cost = new(0, 0, 0, 0, 0, ParkedWake: 1, Spinning: 3);
        var machine = new SimulatedMachine(cost, 1e9, 0);
        Assert.Equal(0, StepPrediction.Predict([Operation], 4, machine)[0].HandOver, 9);
        RecordedOperation longer = Operation with { Serial = 8 };
        Assert.True(StepPrediction.Predict([longer], 4, machine)[0].HandOver > 0);
    }
}

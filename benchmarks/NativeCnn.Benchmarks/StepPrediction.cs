namespace NativeCnn.Benchmarks;

/// <summary>The machine that is simulated.</summary>
/// <param name="Cost">What hand-over costs.</param>
/// <param name="Bandwidth">Of the memory, bytes in a second, shared by all threads.</param>
/// <param name="CacheBytes">Operands of an operation that are smaller together stay in caches.</param>
public sealed record SimulatedMachine(HandOver Cost, double Bandwidth, double CacheBytes);

/// <summary>
/// Seconds of an operation on some threads, and by what they exceed a perfect division: the losses and
/// <see cref="Divided"/> add up to the time.
/// </summary>
/// <param name="Divided">The time on one thread divided by the threads.</param>
/// <param name="Serial">What runs on one thread only.</param>
/// <param name="Chunks">Chunks that are too few or unequal.</param>
/// <param name="Bandwidth">Waiting for memory.</param>
/// <param name="HandOver">Waking, entering, leaving, noticing the end.</param>
public readonly record struct PredictedTime(
    double Divided,
    double Serial,
    double Chunks,
    double Bandwidth,
    double HandOver
)
{
    /// <summary>All of it.</summary>
    public double Time => Divided + Lost;

    /// <summary>What a perfect division would not take.</summary>
    public double Lost => Serial + Chunks + Bandwidth + HandOver;

    public static PredictedTime operator +(PredictedTime a, PredictedTime b) =>
        new(
            a.Divided + b.Divided,
            a.Serial + b.Serial,
            a.Chunks + b.Chunks,
            a.Bandwidth + b.Bandwidth,
            a.HandOver + b.HandOver
        );
}

/// <summary>Predicts a recorded step on more threads, operation by operation.</summary>
public static class StepPrediction
{
    /// <summary>The time of each operation; what runs between operations is serial.</summary>
    public static PredictedTime[] Predict(
        IReadOnlyList<RecordedOperation> operations,
        int threads,
        SimulatedMachine machine
    )
    {
        PredictedTime[] times = new PredictedTime[operations.Count];
        // Since the last shared run: longer than workers spin, and they have parked.
        double gap = 0;
        for (int i = 0; i < times.Length; i++)
            times[i] = Predict(operations[i], threads, machine, ref gap);
        return times;
    }

    private static PredictedTime Predict(
        RecordedOperation operation,
        int threads,
        SimulatedMachine machine,
        ref double gap
    )
    {
        // Half before and half after the runs, for want of anything better.
        gap += operation.Serial / 2;
        PredictedTime sum = new(operation.Serial / threads, operation.Serial * (threads - 1) / threads, 0, 0, 0);
        double bytes = operation.Bytes > machine.CacheBytes ? operation.Bytes : 0;
        foreach (double[] chunks in operation.Runs)
        {
            double all = RunSchedule.Sum(chunks);
            double scheduled = RunSchedule.Time(chunks, threads, HandOver.None);
            double handedOver = RunSchedule.Time(chunks, threads, machine.Cost, gap > machine.Cost.Spinning);
            // The operation's bytes are divided among its runs as their times are. What one thread moved in its time
            // is the most that can have come from memory.
            double streamed = Math.Min(all, bytes * all / operation.OneThread / machine.Bandwidth);
            double limited = Math.Max(scheduled, streamed);
            sum += new PredictedTime(
                all / threads,
                0,
                scheduled - all / threads,
                limited - scheduled,
                handedOver - scheduled
            );
            gap = 0;
        }
        gap += operation.Serial / 2;
        return sum;
    }
}

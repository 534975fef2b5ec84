using System.Diagnostics;
using System.Runtime.CompilerServices;
using NativeCnn.Backends.Native;
using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.Training;

namespace NativeCnn.Stress;

/// <summary>What nobody disposes is collected, and its threads end.</summary>
internal static class Abandonment
{
    // The runtime's own threads come and go.
    private const int ThreadsOfTheRuntime = 12;

    public static void Run(int count, Faults faults)
    {
        faults.Begin("abandonment");
        Abandon(faults);
        int before = ThreadCount();
        for (int i = 0; i < count; i++)
        {
            Abandon(faults);
            faults.Tick();
            if (i % 10 == 9)
                Collect();
        }
        int after = 0;
        for (int i = 0; i < 100; i++)
        {
            Collect();
            after = ThreadCount();
            if (after <= before + ThreadsOfTheRuntime)
                return;
            Thread.Sleep(100);
        }
        faults.Add($"{after - before} threads are left of {count} times two backends and a loader");
    }

    // Not inlined: nothing of it stays on the caller's stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Abandon(Faults faults)
    {
        // One that has computed, with its network and predictor, and one that never ran.
        Network network = Subjects.Small();
        var predictor = new Predictor(network, new NativeBackend(3));
        float[] answer = Subjects.Ask(predictor, Subjects.Pixels(network, 1));
        if (Math.Abs(answer.Sum() - 1) > 1e-3)
            faults.Add("probabilities do not add up to 1");
        _ = new NativeBackend(2);
        var loader = new BatchLoader(Subjects.Examples, Subjects.BatchSize);
        loader.StartEpoch(1);
        loader.Next();
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private static int ThreadCount()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }
}

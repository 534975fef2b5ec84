using System.Diagnostics;
using NativeCnn.Tensors;

namespace NativeCnn.Stress;

/// <summary>
/// Things are disposed while another thread uses them. Disposing waits or is refused; the user gets a documented
/// exception; nobody touches memory that was freed.
/// </summary>
internal static class Disposal
{
    // Refused for so long, the user is asked to end by himself.
    private static readonly TimeSpan s_longestTry = TimeSpan.FromSeconds(0.1);
    private const float Canary = 12345;

    public static void Run(int seconds, Faults faults)
    {
        var random = new Random(3);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            foreach ((string name, Func<DisposalScene> create) in DisposalScene.All)
            {
                faults.Begin(name);
                DisposeDuringUse(name, create(), random, faults);
            }
        }
    }

    private static void DisposeDuringUse(string name, DisposalScene scene, Random random, Faults faults)
    {
        bool stops = false;
        bool isDisposed = false;
        int uses = 0;
        var user = new Thread(() =>
        {
            while (!Volatile.Read(ref stops))
            {
                bool wasDisposed = Volatile.Read(ref isDisposed);
                if (!TryUse(name, scene, faults))
                    break;
                if (wasDisposed)
                {
                    faults.Add($"{name}: used after it was disposed");
                    break;
                }
                Interlocked.Increment(ref uses);
            }
        })
        {
            IsBackground = true,
        };
        user.Start();
        while (Volatile.Read(ref uses) == 0 && user.IsAlive)
            Thread.SpinWait(10);
        Thread.SpinWait(random.Next(20_000));
        var clock = Stopwatch.StartNew();
        while (!TryDispose(name, scene, faults))
        {
            // It may have ended after the refusal.
            if (!user.IsAlive && !TryDispose(name, scene, faults))
            {
                faults.Add($"{name}: it is refused though nobody uses it");
                break;
            }
            if (clock.Elapsed > s_longestTry)
            {
                Volatile.Write(ref stops, true);
                faults.Await(user);
            }
            Thread.SpinWait(50);
        }
        Volatile.Write(ref isDisposed, true);
        // Memory that was freed is soon one of these; whoever still writes into it is found out.
        Tensor[] canaries = [.. Enumerable.Range(0, 16).Select(i => new Tensor(Shape.Vector(1, 512 << (i % 8))))];
        foreach (Tensor canary in canaries)
            canary.Span.Fill(Canary);
        faults.Await(user);
        foreach (Tensor canary in canaries)
        {
            if (canary.Span.ContainsAnyExcept(Canary))
                faults.Add($"{name}: memory was written to after it was freed");
            canary.Dispose();
        }
        if (!TryDispose(name, scene, faults))
            faults.Add($"{name}: disposing it again is refused");
        if (TryUse(name, scene, faults))
            faults.Add($"{name}: used after it was disposed");
        scene.CleanUp();
        faults.Tick();
    }

#pragma warning disable CA1031 // Any exception but a documented one is a finding.
    private static bool TryUse(string name, DisposalScene scene, Faults faults)
    {
        try
        {
            scene.Use();
            return true;
        }
        // ObjectDisposedException is one of them.
        catch (InvalidOperationException)
        {
            return false;
        }
        catch (Exception e)
        {
            faults.Add($"{name}, used", e);
            return false;
        }
    }

    private static bool TryDispose(string name, DisposalScene scene, Faults faults)
    {
        try
        {
            scene.Dispose();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        catch (Exception e)
        {
            faults.Add($"{name}, disposed", e);
            return true;
        }
    }
#pragma warning restore CA1031
}

namespace NativeCnn.Tests.Threading;

/// <summary>Threads whose failures fail the test.</summary>
internal static class TestThreads
{
    /// <summary>Does work on so many threads at once; each is given its number.</summary>
    public static void Run(int count, Action<int> work)
    {
        var failures = new List<Exception>();
        using var start = new Barrier(count);
        Thread[] threads =
        [
            .. Enumerable
                .Range(0, count)
                .Select(thread => new Thread(() =>
                {
                    try
                    {
                        start.SignalAndWait();
                        work(thread);
                    }
                    catch (Exception e)
                    {
                        lock (failures)
                            failures.Add(e);
                    }
                })),
        ];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Empty(failures);
    }
}

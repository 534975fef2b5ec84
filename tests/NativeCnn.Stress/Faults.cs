using System.Collections.Concurrent;

namespace NativeCnn.Stress;

/// <summary>What went wrong, counted by kind, and whether anything goes on at all.</summary>
/// <param name="program">Which program runs.</param>
internal sealed class Faults(string program)
{
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, int> _counts = new();
    private long _events;
    private bool _hangs;
    private volatile string _stage = "";

    /// <summary>
    /// What is done from here on. It goes to a standard error that is kept: after a crash the last line tells.
    /// </summary>
    public void Begin(string stage)
    {
        _stage = stage;
        if (Console.IsErrorRedirected)
            Console.Error.WriteLine($"{program}: {stage}");
    }

    /// <summary>Something was done.</summary>
    public void Tick() => Interlocked.Increment(ref _events);

    /// <summary>Something went wrong.</summary>
    public void Add(string what) => _counts.AddOrUpdate(what, 1, (_, count) => count + 1);

    /// <summary>An exception that nothing documents.</summary>
    public void Add(string where, Exception e) =>
        Add($"{where}: {e.GetType().Name}: {e.Message}{Environment.NewLine}{e.StackTrace}");

    /// <summary>Two lists of values must be the same bits.</summary>
    public void Compare(string where, ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        if (!expected.SequenceEqual(found))
            Add($"{where}: wrong values");
    }

    /// <summary>
    /// Runs each action on a thread of its own to its end. Where nothing ticks for a minute, the program hangs: that
    /// is said, and the process ends.
    /// </summary>
    public void RunTogether(params ReadOnlySpan<Action> actions)
    {
        var threads = new List<Thread>();
        foreach (Action action in actions)
        {
            var thread = new Thread(() => Guard(action)) { IsBackground = true };
            threads.Add(thread);
            thread.Start();
        }
        foreach (Thread thread in threads)
            Await(thread);
    }

    /// <summary>Waits for a thread, as <see cref="RunTogether"/> does.</summary>
    public void Await(Thread thread)
    {
        long seen = Progress;
        while (!thread.Join(s_longestSilence))
        {
            long now = Progress;
            if (now == seen && !Interlocked.Exchange(ref _hangs, true))
            {
                Add($"{_stage}: nothing has happened for {s_longestSilence.TotalSeconds:N0} s: it hangs");
                Report();
                Environment.Exit(3);
            }
            seen = now;
        }
    }

    // Whoever still allocates is slow, where the runtime collects at every allocation, and does not hang.
    private long Progress => Volatile.Read(ref _events) + GC.CollectionCount(0);

    /// <summary>Prints what was done and every kind of fault; whether there was any.</summary>
    public bool Report()
    {
        int faults = _counts.Values.Sum();
        Console.WriteLine($"{program}: {_events} events, {GC.CollectionCount(0)} collections, {faults} faults");
        foreach ((string what, int count) in _counts.OrderByDescending(pair => pair.Value))
            Console.WriteLine($"{program}: {count} × {what}");
        return !_counts.IsEmpty;
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // Any exception is a finding.
        catch (Exception e)
        {
            Add("a thread ended", e);
        }
#pragma warning restore CA1031
    }
}

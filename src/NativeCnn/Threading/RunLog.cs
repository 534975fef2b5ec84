using System.Diagnostics;

namespace NativeCnn.Threading;

/// <summary>
/// The runs of a pool of one worker in their order, with the time of every chunk: what a simulation of more workers
/// starts from.
/// </summary>
internal sealed class RunLog
{
    private readonly List<long[]> _runs = [];

    /// <summary>Of each run since the last <see cref="Clear"/>, the ticks of <see cref="Stopwatch"/> of its chunks.</summary>
    public IReadOnlyList<long[]> Runs => _runs;

    /// <summary>Forgets the runs so far.</summary>
    public void Clear() => _runs.Clear();

    /// <summary>Runs the chunks on the calling thread and keeps their times.</summary>
    internal void Run<TWork>(ref TWork work, int chunks)
        where TWork : struct, IParallelWork
    {
        long[] ticks = new long[chunks];
        long before = Stopwatch.GetTimestamp();
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            work.Run(chunk, 0);
            long now = Stopwatch.GetTimestamp();
            ticks[chunk] = now - before;
            before = now;
        }
        _runs.Add(ticks);
    }
}

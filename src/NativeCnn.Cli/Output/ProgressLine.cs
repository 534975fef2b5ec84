using System.Diagnostics;

namespace NativeCnn.Cli.Output;

/// <summary>
/// On a terminal one line on standard error that says how far some work is, drawn again and again; elsewhere nothing.
/// Any number of threads may call it.
/// </summary>
/// <param name="what">What is counted, as in "pictures".</param>
/// <param name="total">How many there are.</param>
internal sealed class ProgressLine(string what, int total) : IDisposable
{
    private const string Erase = "\r\e[K";

    // Nobody waits for what is done before.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    private readonly CommandOutput _output = new(json: true);
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Lock _lock = new();
    private long _shown;

    /// <summary>Says how many are done.</summary>
    public void Show(int done)
    {
        if (!_output.IsLive)
            return;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        if (elapsed < s_patience || !_lock.TryEnter())
            return;
        try
        {
            if (_shown != 0 && Stopwatch.GetElapsedTime(_shown) < s_interval)
                return;
            _shown = Stopwatch.GetTimestamp();
            _output.Raw(Erase + Line(done, total, what, elapsed, _output.Width - 1));
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (_shown == 0)
            return;
        try
        {
            _output.Raw(Erase);
        }
        catch (OutputLostException)
        {
            // What is written next says so.
        }
    }

    /// <summary>The line for a width.</summary>
    internal static string Line(int done, int total, string what, TimeSpan elapsed, int width)
    {
        double rate = done / elapsed.TotalSeconds;
        TimeSpan left = TimeSpan.FromSeconds((total - done) / rate);
        return Segments.Fit(
            width,
            [
                new($"{Figures.Count(done)} of {Figures.Count(total)} {what}", 0),
                new($"{Figures.Percent((double)done / total)}", 2),
                new($"{rate:0.0}/s", 1),
                new($"{Figures.Duration(left)} left", 3),
            ]
        );
    }
}

using System.Diagnostics;
using NativeCnn.Training;

namespace NativeCnn.Cli.Output;

/// <summary>
/// Shows training as it runs: a line per epoch, and on a terminal below them one line, drawn again and again, that says
/// how far it is. What is drawn always fits, however narrow the terminal becomes.
/// </summary>
internal sealed class TrainingDisplay(CommandOutput output, int epochs) : ITrainingObserver, IDisposable
{
    private const int LongestBar = 30;
    private const int ShortestBar = 8;

    // Less waiting than that is nothing to do about.
    private const double WorthSaying = 0.01;

    // Five times a second is as fast as anyone reads; in between, a batch costs one look at the clock.
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    private long _shown;

    // The columns of what is drawn; 0 if there is nothing.
    private int _drawn;

    public void BatchFinished(in TrainingProgress progress)
    {
        if (!output.IsLive || (_shown != 0 && Stopwatch.GetElapsedTime(_shown) < s_interval))
            return;
        _shown = Stopwatch.GetTimestamp();
        // A terminal breaks the line when its last column is taken.
        int width = output.Width - 1;
        string line = Line(progress, width);
        output.Raw(Erase() + line);
        _drawn = line.Length;
    }

    public void EpochFinished(EpochRecord epoch)
    {
        Dispose();
        output.Line(Figures.Epoch(epoch, epochs, output.Width));
    }

    /// <summary>Takes the line away, where there still is a terminal.</summary>
    public void Dispose()
    {
        if (_drawn == 0)
            return;
        string erase = Erase();
        _drawn = 0;
        try
        {
            output.Raw(erase);
        }
        catch (OutputLostException)
        {
            // What is written next says so.
        }
    }

    /// <summary>The line for a width.</summary>
    internal static string Line(in TrainingProgress progress, int width)
    {
        Segment place = new($"epoch {progress.Epoch}/{progress.Epochs}", 0);
        Segment[] figures =
        [
            new($"step {progress.Step}/{progress.StepsPerEpoch}", 5),
            new($"loss {Figures.Loss(progress.Loss)}", 1),
            new($"accuracy {Figures.Percent(progress.Accuracy)}", 3),
            new(Figures.Rate(progress.ImagesPerSecond), 4),
            new(progress.WaitingShare < WorthSaying ? "" : $"loading {progress.WaitingShare:0 %}", 6),
            new($"{Figures.Duration(progress.Remaining)} left", 2),
        ];
        string line = Segments.Fit(width, [place, .. figures]);
        // The bar takes what the figures leave.
        int room = Math.Min(LongestBar, width - line.Length - 2);
        if (room < ShortestBar)
            return line;
        double steps = (double)progress.StepsPerEpoch * (progress.Epoch - 1) + progress.Step;
        string bar = Bar(steps / Math.Max((double)progress.StepsPerEpoch * progress.Epochs, 1), room);
        return place.Text + "  " + bar + line[place.Text.Length..];
    }

    private static string Bar(double done, int width)
    {
        int full = (int)(Math.Clamp(done, 0, 1) * width);
        return new string('━', full) + new string('─', width - full);
    }

    // Where the terminal has become narrower than the line, it has broken it: the cursor is in its last part.
    private string Erase()
    {
        int rowsAbove = _drawn == 0 ? 0 : (_drawn - 1) / output.Width;
        return rowsAbove == 0 ? "\r\e[K" : $"\r\e[{rowsAbove}A\e[J";
    }
}

using System.Diagnostics;

namespace NativeCnn.Training;

/// <summary>Where the seconds of a run went.</summary>
/// <param name="Steps">Training steps.</param>
/// <param name="Waiting">Waiting for the batch loader, which reads ahead while steps are computed.</param>
/// <param name="Testing">The evaluations after each epoch.</param>
/// <param name="Following">The observer, which may draw, or write files.</param>
public readonly record struct TrainingTimes(double Steps, double Waiting, double Testing, double Following);

/// <summary>Adds up where the time of a run goes, lap by lap.</summary>
internal sealed class RunClock
{
    private long _last = Stopwatch.GetTimestamp();

    public TrainingTimes Times { get; private set; }

    /// <summary>What share of all that went into waiting.</summary>
    public double WaitingShare =>
        Times.Waiting / Math.Max(Times.Steps + Times.Waiting + Times.Testing + Times.Following, 1e-9);

    public void Stepped() => Times = Times with { Steps = Times.Steps + Lap() };

    public void Waited() => Times = Times with { Waiting = Times.Waiting + Lap() };

    public void Tested() => Times = Times with { Testing = Times.Testing + Lap() };

    public void Followed() => Times = Times with { Following = Times.Following + Lap() };

    private double Lap()
    {
        long now = Stopwatch.GetTimestamp();
        double seconds = Stopwatch.GetElapsedTime(_last, now).TotalSeconds;
        _last = now;
        return seconds;
    }
}

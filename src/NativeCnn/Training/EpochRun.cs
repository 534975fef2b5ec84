using System.Diagnostics;

namespace NativeCnn.Training;

/// <summary>What the batches of an epoch add up to so far.</summary>
/// <param name="Step">How many batches.</param>
/// <param name="Examples">How many examples they had.</param>
/// <param name="Loss">The sum of their losses.</param>
/// <param name="Weight">What that is divided by for the mean.</param>
/// <param name="Correct">How many examples had their largest output at their label.</param>
/// <param name="Seconds">How long it took.</param>
internal readonly record struct EpochSums(
    int Step,
    int Examples,
    double Loss,
    double Weight,
    long Correct,
    double Seconds
);

/// <summary>One epoch under way.</summary>
/// <param name="epoch">Its number, from 1.</param>
/// <param name="epochs">How many there will be.</param>
/// <param name="batches">How many batches it has.</param>
/// <param name="count">How many examples it has.</param>
/// <param name="before">What was done of it before; nothing, unless it is resumed.</param>
internal sealed class EpochRun(int epoch, int epochs, int batches, int count, EpochSums before = default)
{
    private readonly long _start = Stopwatch.GetTimestamp() - (long)(before.Seconds * Stopwatch.Frequency);

    public int Epoch => epoch;

    public EpochSums Sums { get; private set; } = before;

    public int Step => Sums.Step;

    public bool IsWhole => Sums.Step == batches;

    public double Loss => Sums.Weight > 0 ? Sums.Loss / Sums.Weight : 0;

    public double Accuracy => (double)Sums.Correct / Math.Max(Sums.Examples, 1);

    public double ImagesPerSecond => Sums.Examples / Math.Max(Sums.Seconds, 1e-9);

    public TrainingProgress Progress => new(epoch, epochs, Step, batches, Loss, Accuracy, ImagesPerSecond, Remaining);

    private TimeSpan Remaining
    {
        get
        {
            double left = (double)count * (epochs - epoch + 1) - Sums.Examples;
            return TimeSpan.FromSeconds(left / Math.Max(ImagesPerSecond, 1e-9));
        }
    }

    public EpochRecord Record(EvaluationResult? tested) =>
        new(epoch, Loss, Accuracy, tested?.Loss, tested?.Accuracy, Sums.Seconds, ImagesPerSecond);

    public void Add(int examples, StepResult result) =>
        Sums = new EpochSums(
            Sums.Step + 1,
            Sums.Examples + examples,
            Sums.Loss + result.Loss,
            Sums.Weight + result.Weight,
            Sums.Correct + result.Correct,
            Stopwatch.GetElapsedTime(_start).TotalSeconds
        );
}

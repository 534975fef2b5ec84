using NativeCnn.Networks;
using NativeCnn.Schedules;

namespace NativeCnn.Training;

/// <summary>The schedule of one run: tells it how far training is, and the compiled network what it answers.</summary>
/// <param name="options">The schedule, and how long the run is.</param>
/// <param name="compiled">What it is told to.</param>
/// <param name="batchesPerEpoch">How many batches an epoch has.</param>
/// <param name="firstUpdate">After how many of the optimiser's steps the run began.</param>
/// <param name="history">The epochs that are finished; some only where a run is resumed.</param>
internal sealed class RunSchedule(
    TrainerOptions options,
    CompiledNetwork compiled,
    int batchesPerEpoch,
    long firstUpdate,
    IReadOnlyList<EpochRecord> history
)
{
    private readonly List<double> _losses = [.. history.Select(LossOf)];
    private readonly long _steps =
        (((long)batchesPerEpoch + options.AccumulatedBatches - 1) / options.AccumulatedBatches) * options.Epochs;

    /// <summary>Sets the rate of the next step.</summary>
    public void SetFactor()
    {
        if (options.Schedule != Schedule.Constant)
            compiled.LearningRateFactor = options.Schedule.Factor(
                new TrainingPosition(compiled.StepCount - firstUpdate, _steps, _losses.Count, _losses)
            );
    }

    /// <summary>Has steps outside the run taken at the optimiser's own rate.</summary>
    public void Reset()
    {
        if (compiled.LearningRateFactor != 1)
            compiled.LearningRateFactor = 1;
    }

    /// <summary>Adds the loss of an epoch to those that the schedule is told.</summary>
    public void FinishEpoch(EpochRecord record) => _losses.Add(LossOf(record));

    /// <summary>The loss that an epoch is judged by.</summary>
    public static double LossOf(EpochRecord record) => record.TestLoss ?? record.TrainLoss;
}

using NativeCnn.Networks;
using NativeCnn.Schedules;

namespace NativeCnn.Training;

/// <summary>The schedule of one run: tells it how far training is, and the compiled network what it answers.</summary>
internal sealed class RunSchedule(TrainerOptions options, CompiledNetwork compiled, int batchesPerEpoch)
{
    private readonly List<double> _losses = [];
    private readonly long _start = compiled.StepCount;
    private readonly long _steps =
        (((long)batchesPerEpoch + options.AccumulatedBatches - 1) / options.AccumulatedBatches) * options.Epochs;

    /// <summary>Sets the rate of the next step.</summary>
    public void SetFactor()
    {
        if (options.Schedule != Schedule.Constant)
            compiled.LearningRateFactor = options.Schedule.Factor(
                new TrainingPosition(compiled.StepCount - _start, _steps, _losses.Count, _losses)
            );
    }

    /// <summary>Has steps outside the run taken at the optimiser's own rate.</summary>
    public void Reset()
    {
        if (compiled.LearningRateFactor != 1)
            compiled.LearningRateFactor = 1;
    }

    /// <summary>Adds the loss of an epoch to those that the schedule is told.</summary>
    public void FinishEpoch(EpochRecord record) => _losses.Add(record.TestLoss ?? record.TrainLoss);
}

namespace NativeCnn.Training;

/// <summary>Where a run stands after a batch.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">How many there will be.</param>
/// <param name="Step">The batch in this epoch, from 1.</param>
/// <param name="StepsPerEpoch">How many batches an epoch has.</param>
/// <param name="Loss">The mean loss per example of this epoch so far.</param>
/// <param name="Accuracy">The share of this epoch's examples so far whose label had the largest output.</param>
/// <param name="ImagesPerSecond">Examples per second of this epoch so far.</param>
/// <param name="Remaining">The time left until the last epoch's end at that speed.</param>
/// <param name="WaitingShare">
/// What share of the run's time so far went into waiting for examples that were not read yet, 0 to 1.
/// </param>
public readonly record struct TrainingProgress(
    int Epoch,
    int Epochs,
    int Step,
    int StepsPerEpoch,
    double Loss,
    double Accuracy,
    double ImagesPerSecond,
    TimeSpan Remaining,
    double WaitingShare = 0
);

/// <summary>One epoch of a history.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="TrainLoss">The mean loss per training example, measured while training.</param>
/// <param name="TrainAccuracy">The accuracy over the training examples, measured while training.</param>
/// <param name="TestLoss">The mean loss over the test examples after the epoch; null without a test set.</param>
/// <param name="TestAccuracy">The accuracy over the test examples after the epoch; null without a test set.</param>
/// <param name="Seconds">How long the epoch's training took, without the test.</param>
/// <param name="ImagesPerSecond">Training examples per second.</param>
public sealed record EpochRecord(
    int Epoch,
    double TrainLoss,
    double TrainAccuracy,
    double? TestLoss,
    double? TestAccuracy,
    double Seconds,
    double ImagesPerSecond
);

/// <summary>Follows a run: for a progress bar, a log, saving after each epoch.</summary>
public interface ITrainingObserver
{
    /// <summary>Called after every batch, on the training thread: what it does delays training.</summary>
    void BatchFinished(in TrainingProgress progress);

    /// <summary>Called after every epoch and its test.</summary>
    void EpochFinished(EpochRecord epoch);
}

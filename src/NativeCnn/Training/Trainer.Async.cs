using NativeCnn.Data;

namespace NativeCnn.Training;

public sealed partial class Trainer
{
    /// <summary>
    /// <see cref="Train"/> on a thread of its own. Its result, or what it throws, is the task's; cancellation ends the
    /// run after the batch under way and gives a result that says so. The observer is called on that thread.
    /// </summary>
    /// <param name="train">The examples to learn from.</param>
    /// <param name="test">Examples that are only looked at, or null.</param>
    /// <param name="observer">Follows the run, or null.</param>
    /// <param name="cancellation">Ends the run after the batch under way.</param>
    public Task<TrainingResult> FitAsync(
        IDataset train,
        IDataset? test = null,
        ITrainingObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(train);
        // Not cancelled before it begins: that too is a result.
        return Task.Factory.StartNew(
            () => Train(train, test, observer, cancellation),
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default
        );
    }
}

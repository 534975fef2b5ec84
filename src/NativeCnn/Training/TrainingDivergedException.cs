namespace NativeCnn.Training;

/// <summary>
/// Training left the finite numbers: a loss, a penalty or a weight became NaN or infinite. Out of <see
/// cref="Trainer.Train"/>, the network has the weights of epoch <see cref="LastGoodEpoch"/> again.
/// </summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>An exception without a message.</summary>
    public TrainingDivergedException() { }

    /// <summary>An exception with a message.</summary>
    public TrainingDivergedException(string message)
        : base(message) { }

    /// <summary>An exception with a message and its cause.</summary>
    public TrainingDivergedException(string message, Exception innerException)
        : base(message, innerException) { }

    /// <summary>The last step that was begun, counted from 1 over all epochs.</summary>
    public long Step { get; init; }

    /// <summary>
    /// Where the first value that is not finite came from: a layer or a parameter in quotes, the input, or the loss.
    /// </summary>
    public string Origin { get; init; } = "";

    /// <summary>
    /// The last epoch whose weights and losses, those of the test included, are all finite, from 1: the network has its
    /// weights. 0 if there is none: the network has the weights that it began with, which were not trained.
    /// </summary>
    public int LastGoodEpoch { get; init; }

    /// <summary>One record for each epoch up to <see cref="LastGoodEpoch"/>.</summary>
    public IReadOnlyList<EpochRecord> History { get; init; } = [];
}

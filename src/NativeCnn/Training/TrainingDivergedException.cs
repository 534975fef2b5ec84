namespace NativeCnn.Training;

/// <summary>The loss became NaN or infinite. The network has the weights of the last good epoch again.</summary>
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

    /// <summary>The step, counted from 1 over all epochs, whose loss was not finite.</summary>
    public long Step { get; init; }

    /// <summary>Where the first value that is not finite came from: a layer in quotes, or the input.</summary>
    public string Origin { get; init; } = "";
}

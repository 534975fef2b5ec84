namespace NativeCnn.Training;

/// <summary>Several observers as one: each is called in their order, on the training thread.</summary>
public sealed class ObserverList : ITrainingObserver
{
    private readonly ITrainingObserver[] _observers;

    /// <summary>Several as one.</summary>
    /// <param name="observers">The observers, such as a <see cref="CheckpointKeeper"/> and one of one's own.</param>
    /// <exception cref="ArgumentNullException">One of them is null.</exception>
    public ObserverList(params ReadOnlySpan<ITrainingObserver> observers)
    {
        foreach (ITrainingObserver observer in observers)
            ArgumentNullException.ThrowIfNull(observer, nameof(observers));
        _observers = observers.ToArray();
    }

    /// <inheritdoc/>
    public void BatchFinished(in TrainingProgress progress)
    {
        foreach (ITrainingObserver observer in _observers)
            observer.BatchFinished(progress);
    }

    /// <inheritdoc/>
    public void EpochFinished(EpochRecord epoch)
    {
        foreach (ITrainingObserver observer in _observers)
            observer.EpochFinished(epoch);
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Formats;

namespace NativeCnn.Training;

/// <summary>Follows a run and writes its curves for TensorBoard: after each epoch, and in between the loss so far.</summary>
/// <param name="folder">The folder, which is made with the first number.</param>
public sealed class EventObserver(string folder) : ITrainingObserver, IDisposable
{
    private readonly string _folder = string.IsNullOrWhiteSpace(folder)
        ? throw new ArgumentException("The folder of event files has no name.", nameof(folder))
        : folder;
    private EventFile? _file;
    private long _batches;
    private bool _isDisposed;

    /// <summary>After how many batches the loss so far is written, 1 or more; 50 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int EveryBatches
    {
        get;
        init => field = NumberRange.Count(value, nameof(EveryBatches));
    } = 50;

    /// <summary>The file; null before the first number.</summary>
    public string? FilePath => _file?.FilePath;

    private EventFile File
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _file ??= new EventFile(_folder);
        }
    }

    /// <inheritdoc/>
    public void BatchFinished(in TrainingProgress progress)
    {
        _batches = (long)(progress.Epoch - 1) * progress.StepsPerEpoch + progress.Step;
        if (_batches % EveryBatches == 0)
            File.Add("running/loss", _batches, progress.Loss);
    }

    /// <inheritdoc/>
    public void EpochFinished(EpochRecord epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        Add("train/loss", epoch.TrainLoss);
        Add("train/accuracy", epoch.TrainAccuracy);
        Add("test/loss", epoch.TestLoss);
        Add("test/accuracy", epoch.TestAccuracy);
        Add("speed/images_per_second", epoch.ImagesPerSecond);

        void Add(string tag, double? value)
        {
            if (value is { } number)
                File.Add(tag, Math.Max(_batches, epoch.Epoch), number);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _file?.Dispose();
    }
}

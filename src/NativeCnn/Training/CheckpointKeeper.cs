using System.Globalization;
using NativeCnn.Backends.Operations;
using NativeCnn.Storage;

namespace NativeCnn.Training;

/// <summary>
/// Follows a run and writes checkpoints to a folder: every so many batches, at every epoch's end, and the best epoch's
/// beside them. Old ones are removed only when newer ones are on the disk.
/// </summary>
/// <remarks>
/// A file is named after how far its run is, <c>checkpoint-EPOCHS-BATCHES.safetensors</c> by finished epochs and
/// batches of the one under way; the best epoch's is <c>best.safetensors</c>. Once the first one of a run that begins
/// anew is written, those of the run before are removed.
/// </remarks>
/// <param name="trainer">What trains.</param>
/// <param name="folder">Where checkpoints are kept; it is made when the first one is written.</param>
public sealed class CheckpointKeeper(Trainer trainer, string folder) : ITrainingObserver
{
    private const string Beginning = "checkpoint-";
    private const string Ending = ".safetensors";
    private const string BestName = "best" + Ending;

    private readonly Trainer _trainer = trainer ?? throw new ArgumentNullException(nameof(trainer));
    private readonly string _folder = string.IsNullOrWhiteSpace(folder)
        ? throw new ArgumentException("The folder of checkpoints has no name.", nameof(folder))
        : folder;
    private int _batches;
    private bool _isBegun;

    /// <summary>After how many batches one is written; 0, the default, for at the ends of epochs alone.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0.</exception>
    public int EveryBatches
    {
        get;
        init => field = NumberRange.NotNegative(value, nameof(EveryBatches));
    }

    /// <summary>How many of the newest are kept, 1 or more; 2 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Kept
    {
        get;
        init => field = NumberRange.Count(value, nameof(Kept));
    } = 2;

    /// <summary>
    /// Whether that of the best epoch is kept too, the one with the smallest test loss, or training loss where there is
    /// no test set; so by default.
    /// </summary>
    public bool KeepsBest { get; init; } = true;

    /// <summary>More text to keep in each file, asked for when it is written; null, the default, for none.</summary>
    public Func<IReadOnlyDictionary<string, string>>? Metadata { get; init; }

    /// <summary>The file of the best epoch.</summary>
    public string BestPath => Path.Combine(_folder, BestName);

    /// <summary>The last file that was written; null before.</summary>
    public string? LastPath { get; private set; }

    /// <summary>The newest checkpoint of a folder that can be read, or null where there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="report">Is told, in a sentence each, of newer ones that cannot be read; null for nobody.</param>
    public static Checkpoint? FindLatest(string folder, Action<string>? report = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string best = Path.Combine(folder, BestName);
        foreach (string path in Files(folder).Concat(File.Exists(best) ? [best] : []))
        {
            try
            {
                return Checkpoint.Open(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                report?.Invoke(e.Message);
            }
        }
        return null;
    }

    /// <inheritdoc/>
    public void BatchFinished(in TrainingProgress progress)
    {
        _batches++;
        if (EveryBatches > 0 && _batches >= EveryBatches && _trainer.CanSaveCheckpoint)
            Save();
    }

    /// <inheritdoc/>
    public void EpochFinished(EpochRecord epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        // The best first: killed in between, the run goes on from before it and comes here again.
        if (
            KeepsBest
            && !_trainer.History.SkipLast(1).Any(earlier => RunSchedule.LossOf(earlier) <= RunSchedule.LossOf(epoch))
        )
            Write(BestPath);
        Save();
    }

    /// <summary>Writes a checkpoint now, where one can be written, as after a run that was cancelled.</summary>
    /// <returns>Whether there was something to write.</returns>
    /// <exception cref="IOException">The file cannot be written; those that are there are as they were.</exception>
    public bool SaveNow()
    {
        if (!_trainer.CanSaveCheckpoint)
            return false;
        Save();
        return true;
    }

    private void Save()
    {
        string name = string.Create(
            CultureInfo.InvariantCulture,
            $"{Beginning}{_trainer.History.Count:D6}-{_trainer.StepInEpoch:D8}{Ending}"
        );
        Write(Path.Combine(_folder, name));
        _batches = 0;
        foreach (string old in Files(_folder).Skip(Kept))
            File.Delete(old);
    }

    private void Write(string path)
    {
        if (!_isBegun)
        {
            Directory.CreateDirectory(_folder);
            AtomicFile.RemoveLeftovers(_folder);
        }
        _trainer.SaveCheckpoint(path, Metadata?.Invoke());
        LastPath = path;
        if (!_isBegun && !_trainer.IsResumed)
        {
            foreach (string old in Files(_folder).Append(BestPath).Where(old => old != path))
                File.Delete(old);
        }
        _isBegun = true;
    }

    // The newest first.
    private static IEnumerable<string> Files(string folder) =>
        Directory.Exists(folder)
            ? Directory
                .GetFiles(folder, Beginning + "*" + Ending)
                .OrderByDescending(path => Path.GetFileName(path), StringComparer.Ordinal)
            : [];
}

using NativeCnn.Cli.Output;
using NativeCnn.Networks;
using NativeCnn.Training;

namespace NativeCnn.Cli;

/// <summary>
/// Follows a training: saves every epoch before it is shown. The trainer calls an epoch finished only when its weights
/// and losses are finite.
/// </summary>
/// <param name="trainer">What trains.</param>
/// <param name="files">Where epochs are kept.</param>
/// <param name="epochs">How many there will be.</param>
/// <param name="display">Shows them.</param>
/// <param name="checkpoints">Writes checkpoints; null for none.</param>
/// <param name="events">Writes event files; null for none.</param>
/// <param name="start">Where the run goes on; null for a new one.</param>
internal sealed class EpochKeeper(
    Trainer trainer,
    TrainedFiles files,
    int epochs,
    TrainingDisplay display,
    CheckpointKeeper? checkpoints = null,
    EventObserver? events = null,
    Checkpoint? start = null
) : ITrainingObserver
{
    private readonly List<EpochRecord> _history = [.. start?.History ?? []];
    private TrainingProgress _progress;

    /// <summary>The epochs that were finished and kept.</summary>
    public IReadOnlyList<EpochRecord> History => _history;

    public void BatchFinished(in TrainingProgress progress)
    {
        _progress = progress;
        checkpoints?.BatchFinished(progress);
        events?.BatchFinished(progress);
        if (checkpoints?.LastPath is not null)
            files.SaveSettings();
        display.BatchFinished(progress);
    }

    public void EpochFinished(EpochRecord epoch)
    {
        files.Save(trainer.Compiled, [.. _history, epoch], epochs);
        _history.Add(epoch);
        checkpoints?.EpochFinished(epoch);
        events?.EpochFinished(epoch);
        display.EpochFinished(epoch);
    }

    /// <summary>Saves an epoch that was interrupted beside the last finished one; false if there is none.</summary>
    public bool SaveInterrupted()
    {
        if (_progress.Epoch <= _history.Count || trainer.Compiled.Network.FindNonFiniteParameter() is not null)
            return false;
        checkpoints?.SaveNow();
        files.SaveSettings();
        files.SaveInterrupted(trainer.Compiled, _progress);
        return true;
    }

    /// <summary>What a run that ended early has left, as a sentence or two.</summary>
    public string Kept()
    {
        string? checkpoint = checkpoints?.LastPath ?? start?.FilePath;
        return checkpoint is null ? KeptEpoch() : $"{KeptEpoch()} Go on with train --resume {files.Folder}.";
    }

    private string KeptEpoch() =>
        files.KeptEpoch == 0
            ? (checkpoints?.LastPath is null ? "No epoch was finished: nothing was written." : "No epoch was finished.")
            : $"Epoch {files.KeptEpoch} of {epochs}, the last good one, is in {files.Weights}.";
}

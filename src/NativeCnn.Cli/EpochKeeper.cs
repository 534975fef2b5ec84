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
internal sealed class EpochKeeper(Trainer trainer, TrainedFiles files, int epochs, TrainingDisplay display)
    : ITrainingObserver
{
    private readonly List<EpochRecord> _history = [];
    private TrainingProgress _progress;

    /// <summary>The epochs that were finished and kept.</summary>
    public IReadOnlyList<EpochRecord> History => _history;

    public void BatchFinished(in TrainingProgress progress)
    {
        _progress = progress;
        display.BatchFinished(progress);
    }

    public void EpochFinished(EpochRecord epoch)
    {
        files.Save(trainer.Compiled, [.. _history, epoch], epochs);
        _history.Add(epoch);
        display.EpochFinished(epoch);
    }

    /// <summary>Saves an epoch that was interrupted beside the last finished one; false if there is none.</summary>
    public bool SaveInterrupted()
    {
        if (_progress.Epoch <= _history.Count || trainer.Compiled.Network.FindNonFiniteParameter() is not null)
            return false;
        files.SaveInterrupted(trainer.Compiled, _progress);
        return true;
    }

    /// <summary>What a run that ended early has left, as a sentence.</summary>
    public string Kept() =>
        files.KeptEpoch == 0
            ? "No epoch was finished: nothing was written."
            : $"Epoch {files.KeptEpoch} of {epochs}, the last good one, is in {files.Weights}.";
}

using System.Globalization;
using NativeCnn.Formats;
using NativeCnn.Storage;

namespace NativeCnn.Training;

/// <summary>
/// A run of training in a file, between two steps: the network and its parameters, what the optimiser keeps, the
/// finished epochs, and where the run stands. <see cref="Trainer.SaveCheckpoint"/> writes one, <see
/// cref="Trainer.Resume"/> goes on from it.
/// </summary>
/// <remarks>
/// The file is a model file (<see cref="ModelFile.Load"/> reads its network) with more tensors and metadata. This object
/// has read and checked all of it but the tensors' values, and holds no file open.
/// </remarks>
public sealed class Checkpoint
{
    /// <summary>Where the position is in the metadata.</summary>
    internal const string PositionKey = "nativecnn.run";

    private Checkpoint(string path, RunPosition position, IReadOnlyDictionary<string, string> metadata)
    {
        FilePath = path;
        Position = position;
        Metadata = metadata;
    }

    /// <summary>The file.</summary>
    public string FilePath { get; }

    /// <summary>How many epochs were finished.</summary>
    public int FinishedEpochs => Position.History.Count;

    /// <summary>How many batches of the epoch under way were trained on.</summary>
    public int Step => Position.Sums.Step;

    /// <summary>The finished epochs.</summary>
    public IReadOnlyList<EpochRecord> History => Position.History;

    /// <summary>Free text by name, with what was given when it was written.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    internal RunPosition Position { get; }

    /// <summary>Opens a checkpoint and checks all of it but the values of its tensors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How long its header may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <exception cref="DataFormatException">The file is damaged, or is no checkpoint.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Checkpoint Open(string path, ReadingLimits? limits = null)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path, limits);
        if (!file.Metadata.TryGetValue(PositionKey, out string? position))
            throw new DataFormatException(
                path,
                0,
                "It is no checkpoint: it does not say where a run of training stands."
            );
        try
        {
            return new Checkpoint(path, RunPosition.Parse(position), file.Metadata);
        }
        catch (FormatException e)
        {
            throw new DataFormatException($"{path}: where its run stands cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>As in "epoch 3, after 120 steps".</summary>
    public override string ToString() =>
        Step == 0
            ? string.Create(CultureInfo.InvariantCulture, $"the end of epoch {FinishedEpochs}")
            : string.Create(CultureInfo.InvariantCulture, $"epoch {FinishedEpochs + 1}, after step {Step}");
}

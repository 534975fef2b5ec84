using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Networks;
using NativeCnn.Storage;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Training;

public sealed partial class Trainer
{
    private TrainingRun? _run;

    /// <summary>The epochs of the run under way, or of the last one.</summary>
    internal IReadOnlyList<EpochRecord> History => _history;

    /// <summary>How many batches of the epoch under way were trained on.</summary>
    internal int StepInEpoch => _run?.Step ?? 0;

    /// <summary>Whether the run under way was begun from a checkpoint.</summary>
    internal bool IsResumed => _run?.Start is not null;

    /// <summary>
    /// Whether <see cref="SaveCheckpoint"/> can write one now: a run is under way or was cancelled, and no batch waits
    /// for others to take a step with.
    /// </summary>
    public bool CanSaveCheckpoint => _run is { IsExact: true } && !_step.AwaitsBatches;

    /// <summary>
    /// Writes where the run stands, whole or not at all, so that <see cref="Resume"/> goes on from there to the same
    /// bits. For an observer's methods, and for after a run that was cancelled.
    /// </summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="metadata">More text to keep in it, by name; null for none.</param>
    /// <exception cref="InvalidOperationException">
    /// There is no run, it diverged, or a batch waits for others: see <see cref="CanSaveCheckpoint"/>.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written; what was there is as it was.</exception>
    public void SaveCheckpoint(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        if (!CanSaveCheckpoint)
            throw new InvalidOperationException(
                "A checkpoint is of a run that is under way or was cancelled, and between two steps of its optimiser."
            );
        TrainingRun run = _run!;
        RunPosition position = run.Position(
            _history,
            _steps,
            Compiled.StepCount,
            Compiled.MaskNumber,
            () => RunTerms.Describe(_options, Compiled, run.BatchesPerEpoch, run.Train, run.Test)
        );
        Dictionary<string, string> text = metadata is null ? [] : new(metadata, StringComparer.Ordinal);
        text[Checkpoint.PositionKey] = position.ToJson();
        ModelFile.Save(path, _network, text, ModelFile.CheckpointFormat, Compiled.OptimizerStates);
    }

    /// <summary>
    /// Goes on from a checkpoint to the end of its run: the same bits as if it had never been stopped, on any number of
    /// threads. The network's parameters become those of the checkpoint.
    /// </summary>
    /// <remarks>
    /// The trainer was made with the options that the run was begun with, for a network of the same layers, on the same
    /// kind of backend; the examples are the same too. If any of them is not, nothing is changed.
    /// </remarks>
    /// <param name="checkpoint">Where to go on.</param>
    /// <param name="train">The examples to learn from.</param>
    /// <param name="test">Examples that are only looked at, or null.</param>
    /// <param name="observer">Follows the run, or null.</param>
    /// <param name="cancellation">Ends the run after the batch under way.</param>
    /// <exception cref="ArgumentException">
    /// Network, options or examples are others than the run's; the message names both.
    /// </exception>
    /// <exception cref="DataFormatException">The file is damaged, or became another since it was opened.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ShapeException">The examples do not fit the network.</exception>
    /// <exception cref="InvalidDataException">An example or a weight is not finite, or a label is no class.</exception>
    /// <exception cref="TrainingDivergedException">
    /// A loss, a penalty or a weight is not finite; the network has the weights of the last good epoch, or of the
    /// checkpoint if there was none since.
    /// </exception>
    /// <exception cref="InvalidOperationException">The trainer is in use by another call.</exception>
    public TrainingResult Resume(
        Checkpoint checkpoint,
        IDataset train,
        IDataset? test = null,
        ITrainingObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(train);
        using ExclusiveUse.Scope use = _use.Hold();
        CheckFits(train, test);
        StartAfreshIfDiverged();
        RunPosition position = checkpoint.Position;
        int batches = (int)(((long)train.Count + _options.BatchSize - 1) / _options.BatchSize);
        using (SafetensorsFile file = SafetensorsFile.Open(checkpoint.FilePath))
        {
            CheckSame(checkpoint, file, RunTerms.Describe(_options, Compiled, batches, train, test));
            Tensors(file, checkpoint.FilePath, read: false);
            if (position.Sums.Step > batches || position.Epoch > _options.Epochs + 1)
                throw new DataFormatException($"{checkpoint.FilePath}: its run stands behind its own end.");
            _run = null;
            Tensors(file, checkpoint.FilePath, read: true);
        }
        _network.CheckFinite();
        Compiled.RefreshParameters();
        Compiled.ContinueFrom(position.Updates, position.Masks);
        _steps = position.Steps;
        if (_step.SecondDerivatives is { } estimate)
            estimate.Exists = position.EstimatedEpoch > 0;
        return TrainToTheEnd(new TrainingRun(train, test, position.FirstUpdate, position), observer, cancellation);
    }

    private void CheckSame(Checkpoint checkpoint, SafetensorsFile file, List<RunTerm> now)
    {
        if (file.Metadata.GetValueOrDefault(ModelFile.ArchitectureKey) != ModelFile.Describe(_network))
        {
            using Network kept = ModelFile.LoadArchitecture(checkpoint.FilePath, file);
            throw new ArgumentException(
                $"The run of {checkpoint.FilePath} trains another network: {Summary(kept)} there, {Summary(_network)} here."
            );
        }
        if (RunTerms.FirstDifference(checkpoint.Position.Terms, now) is { } other)
            throw new ArgumentException(
                $"The run of {checkpoint.FilePath} has another {other.Name}: {other.Kept} there, {other.Now} here."
            );
    }

    private static string Summary(Network network) =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{network.Name} with {network.Nodes.Count} layers ({string.Join(", ", network.Nodes.Select(node => node.Layer.Kind).Take(4))} …) and {network.Parameters.Sum(p => (long)p.Shape.Count)} parameters"
        );

    // Checks every tensor, or reads it.
    private void Tensors(SafetensorsFile file, string path, bool read)
    {
        IEnumerable<(string Name, Tensor Values)> all = _network
            .Parameters.Select(parameter => (parameter.Name, parameter.Value))
            .Concat(Compiled.OptimizerStates);
        foreach ((string name, Tensor values) in all)
        {
            if (file.Find(name) is not { } entry || entry.Count != values.Count)
                throw new DataFormatException(path, 0, $"It lacks '{name}' of {values.Count} values.");
            if (!read)
                continue;
            using TensorHold hold = values.Hold();
            file.Read(name, values.Span);
        }
    }
}

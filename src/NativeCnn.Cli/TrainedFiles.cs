using System.Globalization;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Cli.Output;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Networks;
using NativeCnn.Storage;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Cli;

/// <summary>The files that a training leaves in its folder, each of them always whole.</summary>
internal sealed class TrainedFiles(string folder, string model, ExampleTransform? transform = null)
{
    /// <summary>Where the run's settings are in a checkpoint.</summary>
    public const string SettingsKey = "nativecnn.settings";

    /// <summary>On which machine a checkpoint was written.</summary>
    public const string MachineKey = "nativecnn.machine";

    /// <summary>What the folder of checkpoints is called.</summary>
    public const string CheckpointFolder = "checkpoints";

    private const string TuningKey = "nativecnn.tuning";

    private bool _hasSettings;

    // After which epoch, in words.
    private const string TrainingKey = "nativecnn.training";

    /// <summary>
    /// The network and its weights after the last finished epoch, and the measured choices of convolution algorithms
    /// that it was trained with.
    /// </summary>
    public string Weights { get; } = Path.Combine(folder, model + ".safetensors");

    /// <summary>What the optimiser kept at the end of that epoch.</summary>
    public string Optimizer { get; } = Path.Combine(folder, model + ".optimizer.safetensors");

    /// <summary>The weights of an epoch that was interrupted.</summary>
    public string Interrupted { get; } = Path.Combine(folder, model + ".interrupted.safetensors");

    /// <summary>The history.</summary>
    public string History { get; } = Path.Combine(folder, "history.csv");

    /// <summary>The run's settings, which <c>--config</c> reads.</summary>
    public string Settings { get; } = Path.Combine(folder, "run.json");

    /// <summary>The finished run on one page.</summary>
    public string Report { get; } = Path.Combine(folder, "report.html");

    /// <summary>The folder of checkpoints.</summary>
    public string Checkpoints { get; } = Path.Combine(folder, CheckpointFolder);

    /// <summary>Where all of it is.</summary>
    public string Folder { get; } = folder;

    /// <summary>Every file and folder that a run may write.</summary>
    public IEnumerable<string> All => [Weights, Optimizer, Interrupted, History, Settings, Report, Checkpoints];

    /// <summary>The epoch whose weights are in the file, from 1; 0 as long as this run has written none.</summary>
    public int KeptEpoch { get; set; }

    /// <summary>What the run's settings are; null where nobody knows.</summary>
    public RunSettings? Run { get; set; }

    /// <summary>Reads a network to compute with.</summary>
    /// <exception cref="CommandException">A weight is NaN or infinite.</exception>
    public static Network Load(string weights)
    {
        Network network = ModelFile.Load(weights);
        try
        {
            network.CheckFinite();
            return network;
        }
        catch (InvalidDataException e)
        {
            network.Dispose();
            throw new CommandException($"{weights}: {e.Message}", cause: e);
        }
    }

    /// <summary>The measured choices in a model file, or null.</summary>
    public static string? KeptTuning(string weights)
    {
        using SafetensorsFile file = SafetensorsFile.Open(weights);
        return file.Metadata.GetValueOrDefault(TuningKey);
    }

    /// <summary>What becomes of the examples before the network of a model file sees them.</summary>
    /// <exception cref="CommandException">The file says so in no way that can be read.</exception>
    public static ExampleTransform KeptTransform(string weights)
    {
        using SafetensorsFile file = SafetensorsFile.Open(weights);
        try
        {
            return file.Metadata.TryGetValue(ExampleTransform.MetadataKey, out string? text)
                ? ExampleTransform.Parse(text)
                : ExampleTransform.None;
        }
        catch (DataFormatException e)
        {
            throw new CommandException($"{weights}: {e.Message}", cause: e);
        }
    }

    /// <summary>Writes weights, the optimiser's state and the history at the end of an epoch.</summary>
    public void Save(CompiledNetwork trained, IReadOnlyList<EpochRecord> history, int epochs)
    {
        int epoch = history.Count;
        string place = string.Create(CultureInfo.InvariantCulture, $"epoch {epoch} of {epochs}");
        ModelFile.Save(Weights, trained.Network, Metadata(trained, place));
        KeptEpoch = epoch;
        Safetensors.Write(
            Optimizer,
            [
                .. trained.OptimizerStates.Select(s => new SafetensorsTensor(
                    s.Name,
                    Dimensions(s.Values.Shape),
                    s.Values
                )),
            ],
            new Dictionary<string, string>
            {
                ["format"] = "nativecnn.optimizer",
                [TrainingKey] = place,
                ["steps"] = trained.StepCount.ToString(CultureInfo.InvariantCulture),
            }
        );
        HistoryFile.Save(History, history);
        SaveSettings();
        // Of a run that was overwritten, or of an epoch that is finished now.
        File.Delete(Interrupted);
    }

    /// <summary>The text that is kept in a checkpoint.</summary>
    public Dictionary<string, string> CheckpointMetadata(CompiledNetwork trained)
    {
        Dictionary<string, string> metadata = Metadata(trained, "checkpoint");
        if (Run is { } run)
            metadata[SettingsKey] = run.ToJson();
        metadata[MachineKey] = Machine(trained.Backend);
        return metadata;
    }

    /// <summary>What the bits of a run depend on besides its settings.</summary>
    public static string Machine(Backend backend) =>
        backend is ManagedBackend
            ? "managed"
            : string.Join(", ", TuningMachine.Current().Fields.Select(field => $"{field.Name} {field.Value}"));

    /// <summary>Writes the run's settings, once.</summary>
    public void SaveSettings()
    {
        if (_hasSettings)
            return;
        Run?.Save(Settings);
        _hasSettings = true;
    }

    /// <summary>Writes the weights in the middle of an epoch.</summary>
    public void SaveInterrupted(CompiledNetwork trained, in TrainingProgress progress) =>
        ModelFile.Save(
            Interrupted,
            trained.Network,
            Metadata(
                trained,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"interrupted in epoch {progress.Epoch} of {progress.Epochs}, after step {progress.Step} of {progress.StepsPerEpoch}"
                )
            )
        );

    private Dictionary<string, string> Metadata(CompiledNetwork trained, string place)
    {
        Dictionary<string, string> metadata = new() { [TrainingKey] = place };
        if (transform is not null && transform != ExampleTransform.None)
            metadata[ExampleTransform.MetadataKey] = transform.ToText();
        if (BackendChoice.NativeOf(trained.Backend)?.DescribeTuning() is { } tuning)
            metadata[TuningKey] = tuning;
        return metadata;
    }

    private static int[] Dimensions(Shape shape) => [shape.BatchSize, shape.Height, shape.Width, shape.Channels];
}

using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Cli.Output;
using NativeCnn.Formats;
using NativeCnn.Networks;
using NativeCnn.Training;

namespace NativeCnn.Cli;

/// <summary>The files that a training leaves in its folder.</summary>
internal sealed class TrainedFiles(string folder, string model, Network network, Backend backend)
{
    private const string TuningKey = "nativecnn.tuning";

    /// <summary>
    /// The network and its weights, and the measured choices of convolution algorithms that it was trained with.
    /// </summary>
    public string Weights { get; } = Path.Combine(folder, model + ".safetensors");

    /// <summary>The history.</summary>
    public string History { get; } = Path.Combine(folder, "history.csv");

    /// <summary>The measured choices in a model file, or null.</summary>
    public static string? KeptTuning(string weights)
    {
        using SafetensorsFile file = SafetensorsFile.Open(weights);
        return file.Metadata.GetValueOrDefault(TuningKey);
    }

    /// <summary>Writes both, each whole or not at all.</summary>
    public void Save(IReadOnlyList<EpochRecord> history)
    {
        string? tuning = (backend as NativeBackend)?.DescribeTuning();
        ModelFile.Save(
            Weights,
            network,
            tuning is null ? null : new Dictionary<string, string> { [TuningKey] = tuning }
        );
        HistoryFile.Save(History, history);
    }
}

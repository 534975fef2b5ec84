using NativeCnn.Cli.Output;
using NativeCnn.Formats;
using NativeCnn.Networks;
using NativeCnn.Training;

namespace NativeCnn.Cli;

/// <summary>The files that a training leaves in its folder.</summary>
internal sealed class TrainedFiles(string folder, string model, Network network)
{
    /// <summary>The network and its weights.</summary>
    public string Weights { get; } = Path.Combine(folder, model + ".safetensors");

    /// <summary>The history.</summary>
    public string History { get; } = Path.Combine(folder, "history.csv");

    /// <summary>Writes both, each whole or not at all.</summary>
    public void Save(IReadOnlyList<EpochRecord> history)
    {
        ModelFile.Save(Weights, network, null);
        HistoryFile.Save(History, history);
    }
}

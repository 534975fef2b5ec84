using System.Text.Json;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Networks.Compilation;
using NativeCnn.Parameters;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Formats;

/// <summary>
/// Networks in files: the weights as a safetensors file, which other tools read too, and the architecture as JSON in
/// its metadata under <c>nativecnn</c>.
/// </summary>
/// <remarks>
/// Filters are stored as O×K_h×K_w×C, dense weights as O×H×W×C, biases as O. Optimiser state is kept in checkpoints
/// alone, of which <see cref="Load"/> reads the network.
/// </remarks>
public static class ModelFile
{
    internal const string ArchitectureKey = "nativecnn";

    /// <summary>What the metadata of a checkpoint says the file is.</summary>
    internal const string CheckpointFormat = "nativecnn.checkpoint";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Writes a network whole or not at all: to a temporary file, flushed to disk, then renamed.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="network">The network; its parameters' present values are written.</param>
    /// <param name="metadata">More text to keep in the file, by name; null for none.</param>
    /// <exception cref="ArgumentException">The network's name or a class's has control characters.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there is as it was.</exception>
    public static void Save(string path, Network network, IReadOnlyDictionary<string, string>? metadata = null) =>
        Save(path, network, metadata, "nativecnn", []);

    /// <summary>Writes a network with more tensors than its own, as checkpoints have them.</summary>
    internal static void Save(
        string path,
        Network network,
        IReadOnlyDictionary<string, string>? metadata,
        string format,
        IEnumerable<(string Name, Tensor Values)> others
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        foreach (string name in network.ClassNames.Prepend(network.Name))
        {
            if (name is null || name.Any(char.IsControl))
                throw new ArgumentException(
                    "The names of a network and its classes have no control characters.",
                    nameof(network)
                );
        }
        Dictionary<string, string> text = metadata is null ? [] : new(metadata, StringComparer.Ordinal);
        text["format"] = format;
        text[ArchitectureKey] = Describe(network);
        Safetensors.Write(
            path,
            [
                .. network.Parameters.Select(p => new SafetensorsTensor(p.Name, Dimensions(p.Shape), p.Value)),
                .. others.Select(o => new SafetensorsTensor(o.Name, Dimensions(o.Values.Shape), o.Values)),
            ],
            text
        );
    }

    /// <summary>Reads a network: its layers from the architecture, its parameters from the tensors.</summary>
    /// <remarks>
    /// What is loaded can be compiled: the layers record their operations once, so that options which one of them
    /// refuses are refused here, by the layer's name.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <param name="limits">How large the network may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <exception cref="DataFormatException">
    /// The file is damaged, has no architecture, is over a limit, or its tensors do not have the names and shapes that
    /// the layers ask for.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InsufficientMemoryException">The parameters need more memory than there is.</exception>
    public static Network Load(string path, ReadingLimits? limits = null)
    {
        limits ??= ReadingLimits.Default;
        using SafetensorsFile file = SafetensorsFile.Open(path, limits);
        Network network = LoadArchitecture(path, file, limits);
        CheckTensors(path, network, file);
        double bytes = network.Parameters.Sum(parameter => (double)parameter.Shape.Count * sizeof(float));
        MemoryPlan.CheckAvailable(bytes, $"The model {path}", remedy: "Use a smaller model.");
        try
        {
            foreach (Parameter parameter in network.Parameters)
                file.Read(parameter.Name, parameter.Value.Span);
        }
        catch
        {
            network.Dispose();
            throw;
        }
        return network;
    }

    /// <summary>The network of an open file; its parameters have no memory yet.</summary>
    /// <exception cref="DataFormatException">The file has no architecture, or one that cannot be read.</exception>
    internal static Network LoadArchitecture(string path, SafetensorsFile file, ReadingLimits? limits = null)
    {
        if (!file.Metadata.TryGetValue(ArchitectureKey, out string? architecture))
        {
            throw new DataFormatException(
                path,
                0,
                "It holds weights but no architecture: it was not written by NativeCnn and cannot be loaded as a network."
            );
        }
        return Parse(path, architecture, limits ?? ReadingLimits.Default);
    }

    /// <summary>The architecture as JSON.</summary>
    internal static string Describe(Network network) => ArchitectureWriter.Describe(network);

    /// <summary>Reads an architecture; the parameters have no memory yet.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="architecture">JSON.</param>
    /// <param name="limits">How large the network may be.</param>
    /// <param name="atInput">
    /// What is put before the layers that read an input: given the input, it answers with what they read. Nothing by
    /// default; the network is then checked to compile.
    /// </param>
    /// <exception cref="DataFormatException">
    /// It is damaged, is over a limit, or cannot be compiled; the message begins with the path.
    /// </exception>
    internal static Network Parse(
        string path,
        string architecture,
        ReadingLimits limits,
        Func<Node, Node>? atInput = null
    )
    {
        string place = "architecture";
        try
        {
            using var document = JsonDocument.Parse(architecture, Strict);
            try
            {
                return ArchitectureReader.Read(document.RootElement, limits, atInput);
            }
            catch (MemberException e)
            {
                place = ArchitectureReader.LayerAt(document.RootElement, e.Path) is { } layer
                    ? $"layer '{layer}'"
                    : place;
                throw;
            }
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            string message = e is MemberException member ? member.Text : e.Message.TrimEnd('.');
            throw new DataFormatException($"{path}: its {place} cannot be read: {message}.", e);
        }
    }

    private static void CheckTensors(string path, Network network, SafetensorsFile file)
    {
        foreach (Parameter parameter in network.Parameters)
        {
            SafetensorsEntry entry =
                file.Find(parameter.Name)
                ?? throw new DataFormatException(
                    path,
                    0,
                    $"It lacks the tensor '{parameter.Name}' that its layers ask for."
                );
            if (!entry.Dimensions.SequenceEqual(Dimensions(parameter.Shape)))
            {
                throw new DataFormatException(
                    path,
                    entry.Offset,
                    $"'{parameter.Name}' is {string.Join('×', entry.Dimensions)}; its layer asks for {string.Join('×', Dimensions(parameter.Shape))}."
                );
            }
        }
        // A checkpoint has what the optimiser keeps too.
        bool isCheckpoint = file.Metadata.GetValueOrDefault("format") == CheckpointFormat;
        if (!isCheckpoint && file.Entries.Count != network.Parameters.Count)
        {
            var known = network.Parameters.Select(parameter => parameter.Name).ToHashSet();
            string unknown = file.Entries.First(entry => !known.Contains(entry.Name)).Name;
            throw new DataFormatException(path, 0, $"It holds the tensor '{unknown}', which no layer asks for.");
        }
    }

    private static int[] Dimensions(Shape shape) =>
        shape is { BatchSize: 1, Height: 1, Width: 1 }
            ? [shape.Channels]
            : [shape.BatchSize, shape.Height, shape.Width, shape.Channels];
}

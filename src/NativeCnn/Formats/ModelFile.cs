using System.Text;
using System.Text.Json;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Formats;

/// <summary>
/// Networks in files: the weights as a safetensors file, which other tools read too, and the architecture as JSON in its
/// metadata under <c>nativecnn</c>.
/// </summary>
/// <remarks>
/// Filters are stored as O×K_h×K_w×C, dense weights as O×H×W×C, biases as O. Initialisers and optimiser state are not kept.
/// </remarks>
public static class ModelFile
{
    private const string ArchitectureKey = "nativecnn";
    private const int Version = 1;

    /// <summary>Writes a network whole or not at all: to a temporary file, flushed to disk, then renamed.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="network">The network; its parameters' present values are written.</param>
    /// <param name="metadata">More text to keep in the file, by name; null for none.</param>
    /// <exception cref="IOException">The file cannot be written; what was there is as it was.</exception>
    public static void Save(string path, Network network, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        Dictionary<string, string> text = metadata is null ? [] : new(metadata, StringComparer.Ordinal);
        text["format"] = "nativecnn";
        text[ArchitectureKey] = Describe(network);
        Safetensors.Write(
            path,
            [.. network.Parameters.Select(p => new SafetensorsTensor(p.Name, Dimensions(p.Shape), p.Value))],
            text
        );
    }

    /// <summary>Reads a network: its layers from the architecture, its parameters from the tensors.</summary>
    /// <exception cref="DataFormatException">
    /// The file is damaged, has no architecture, or its tensors do not have the names and shapes that the layers ask for.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Network Load(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(ArchitectureKey, out string? architecture))
        {
            throw new DataFormatException(
                path,
                0,
                "It holds weights but no architecture: it was not written by NativeCnn and cannot be loaded as a network."
            );
        }
        Network network = Build(path, architecture);
        CheckTensors(path, network, file);
        foreach (Parameter parameter in network.Parameters)
            file.Read(parameter.Name, parameter.Value.Span);
        return network;
    }

    private static string Describe(Network network)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("name", network.Name);
            json.WriteStartArray("input");
            json.WriteNumberValue(network.InputShape.Height);
            json.WriteNumberValue(network.InputShape.Width);
            json.WriteNumberValue(network.InputShape.Channels);
            json.WriteEndArray();
            json.WriteStartArray("classes");
            foreach (string name in network.ClassNames)
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteStartArray("layers");
            foreach ((Layer layer, IReadOnlyList<int> inputs, _) in network.Nodes)
            {
                json.WriteStartObject();
                json.WriteString("name", layer.Name);
                json.WriteString("kind", layer.Kind);
                json.WriteStartArray("inputs");
                foreach (int input in inputs)
                    json.WriteNumberValue(input);
                json.WriteEndArray();
                layer.WriteOptions(json);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static Network Build(string path, string architecture)
    {
        string place = "architecture";
        try
        {
            using var document = JsonDocument.Parse(architecture);
            JsonElement root = document.RootElement;
            int version = root.GetProperty("version").GetInt32();
            if (version != Version)
                throw new FormatException($"it has version {version}; this program reads version {Version}");
            int[] input = [.. root.GetProperty("input").EnumerateArray().Select(size => size.GetInt32())];
            if (input.Length != 3)
                throw new FormatException("its input has not three sizes");
            var builder = new NetworkBuilder(input[0], input[1], input[2]);
            foreach (JsonElement json in root.GetProperty("layers").EnumerateArray())
            {
                string name = Text(json, "name");
                place = $"layer '{name}'";
                int[] inputs = [.. json.GetProperty("inputs").EnumerateArray().Select(index => index.GetInt32())];
                builder.Add(LayerJson.Read(Text(json, "kind"), json), inputs, name);
            }
            place = "architecture";
            Network network = builder.BuildWithoutValues(Text(root, "name"));
            network.ClassNames =
            [
                .. root.GetProperty("classes").EnumerateArray().Select(name => name.GetString() ?? ""),
            ];
            if (network.ClassNames.Count > 0 && network.ClassNames.Count != network.OutputShape.ExampleCount)
                throw new FormatException("it names another number of classes than the network has outputs");
            return network;
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or FormatException
                        or ArgumentException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or OverflowException
            )
        {
            throw new DataFormatException($"{path}: its {place} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static string Text(JsonElement json, string name) =>
        json.GetProperty(name).GetString() ?? throw new FormatException($"the option '{name}' is not a text");

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
        if (file.Entries.Count != network.Parameters.Count)
        {
            var known = network.Parameters.Select(parameter => parameter.Name).ToHashSet();
            string unknown = file.Entries.First(entry => !known.Contains(entry.Name)).Name;
            throw new DataFormatException(path, 0, $"It holds the tensor '{unknown}', which no layer asks for.");
        }
    }

    private static int[] Dimensions(Shape shape) =>
        shape is { Batch: 1, Height: 1, Width: 1 }
            ? [shape.Channels]
            : [shape.Batch, shape.Height, shape.Width, shape.Channels];
}

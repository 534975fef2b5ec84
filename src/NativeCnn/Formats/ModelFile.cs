using System.Text;
using System.Text.Json;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Formats;

/// <summary>
/// Networks in files: the weights as a safetensors file, which other tools read too, and the architecture as JSON in
/// its metadata under <c>nativecnn</c>.
/// </summary>
/// <remarks>
/// Filters are stored as O×K_h×K_w×C, dense weights as O×H×W×C, biases as O. Initialisers and optimiser state are not
/// kept.
/// </remarks>
public static class ModelFile
{
    private const string ArchitectureKey = "nativecnn";
    private const int Version = 2;

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
    /// The file is damaged, has no architecture, or its tensors do not have the names and shapes that the layers ask
    /// for.
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
            WriteArray(json, "inputs", network.InputShapes, WriteExample);
            WriteArray(json, "outputs", network.Outputs, json.WriteNumberValue);
            WriteArray(json, "classes", network.ClassNames, json.WriteStringValue);
            json.WriteStartArray("layers");
            foreach ((Layer layer, IReadOnlyList<int> inputs, _) in network.Nodes)
            {
                json.WriteStartObject();
                json.WriteString("name", layer.Name);
                json.WriteString("kind", layer.Kind);
                WriteArray(json, "inputs", inputs, json.WriteNumberValue);
                layer.WriteOptions(json);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();

            void WriteExample(Shape shape)
            {
                json.WriteStartArray();
                json.WriteNumberValue(shape.Height);
                json.WriteNumberValue(shape.Width);
                json.WriteNumberValue(shape.Channels);
                json.WriteEndArray();
            }
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> values, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (T value in values)
            write(value);
        json.WriteEndArray();
    }

    private static Network Build(string path, string architecture)
    {
        string place = "architecture";
        try
        {
            using var document = JsonDocument.Parse(architecture);
            JsonElement root = document.RootElement;
            int version = root.GetProperty("version").GetInt32();
            if (version is not (1 or Version))
                throw new FormatException($"it has version {version}; this program reads versions 1 and {Version}");
            var builder = new NetworkBuilder();
            // Version 1 had one input, and the last layer's output was the network's.
            JsonElement[] examples =
                version == 1 ? [root.GetProperty("input")] : [.. root.GetProperty("inputs").EnumerateArray()];
            Node[] inputs = [.. examples.Select(example => Input(builder, Numbers(example)))];
            var nodes = new List<Node>();
            Node At(int index) => index >= 0 ? nodes[index] : inputs[NetworkNode.NetworkInput - index];
            foreach (JsonElement json in root.GetProperty("layers").EnumerateArray())
            {
                string name = Text(json, "name");
                place = $"layer '{name}'";
                Node[] read = [.. Numbers(json.GetProperty("inputs")).Select(At)];
                nodes.Add(builder.Add(LayerRegistry.Read(Text(json, "kind"), json), read, name));
            }
            place = "architecture";
            int[] outputs = version == 1 ? [nodes.Count - 1] : Numbers(root.GetProperty("outputs"));
            Network network = builder.BuildWithoutValues([.. outputs.Select(At)], Text(root, "name"));
            network.ClassNames =
            [
                .. root.GetProperty("classes").EnumerateArray().Select(name => name.GetString() ?? ""),
            ];
            if (network.ClassNames.Count > 0 && network.ClassNames.Count != network.OutputShape.ElementsPerExample)
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
                        or IndexOutOfRangeException
                        or OverflowException
            )
        {
            throw new DataFormatException($"{path}: its {place} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static int[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt32())];

    private static Node Input(NetworkBuilder builder, int[] sizes) =>
        sizes is [int height, int width, int channels]
            ? builder.Input(height, width, channels)
            : throw new FormatException("an input has not three sizes");

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
        shape is { BatchSize: 1, Height: 1, Width: 1 }
            ? [shape.Channels]
            : [shape.BatchSize, shape.Height, shape.Width, shape.Channels];
}

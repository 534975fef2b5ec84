using System.Text;
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
/// Filters are stored as O×K_h×K_w×C, dense weights as O×H×W×C, biases as O. Initialisers and optimiser state are not
/// kept.
/// </remarks>
public static class ModelFile
{
    internal const string ArchitectureKey = "nativecnn";
    private const int Version = 2;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Writes a network whole or not at all: to a temporary file, flushed to disk, then renamed.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="network">The network; its parameters' present values are written.</param>
    /// <param name="metadata">More text to keep in the file, by name; null for none.</param>
    /// <exception cref="ArgumentException">The network's name or a class's has control characters.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there is as it was.</exception>
    public static void Save(string path, Network network, IReadOnlyDictionary<string, string>? metadata = null)
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
        text["format"] = "nativecnn";
        text[ArchitectureKey] = Describe(network);
        Safetensors.Write(
            path,
            [.. network.Parameters.Select(p => new SafetensorsTensor(p.Name, Dimensions(p.Shape), p.Value))],
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
        if (!file.Metadata.TryGetValue(ArchitectureKey, out string? architecture))
        {
            throw new DataFormatException(
                path,
                0,
                "It holds weights but no architecture: it was not written by NativeCnn and cannot be loaded as a network."
            );
        }
        Network network = Parse(path, architecture, limits);
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

    /// <summary>The architecture as JSON.</summary>
    internal static string Describe(Network network)
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
            JsonElement root = document.RootElement;
            int version = root.GetProperty("version").GetInt32();
            if (version is not (1 or Version))
                throw new FormatException($"it has version {version}; this program reads versions 1 and {Version}");
            var builder = new NetworkBuilder();
            // Version 1 had one input, and the last layer's output was the network's.
            JsonElement[] examples =
                version == 1 ? [root.GetProperty("input")] : [.. root.GetProperty("inputs").EnumerateArray()];
            ReadingLimits.Check(examples.Length, limits.Inputs, nameof(limits.Inputs), "inputs");
            Node[] inputs = [.. examples.Select(example => Input(builder, Numbers(example, limits)))];
            if (atInput is not null)
                inputs = [.. inputs.Select(atInput)];
            var nodes = new List<Node>();
            JsonElement layers = root.GetProperty("layers");
            ReadingLimits.Check(layers.GetArrayLength(), limits.Layers, nameof(limits.Layers), "layers");
            foreach (JsonElement json in layers.EnumerateArray())
            {
                string name = Name(json, "name");
                place = $"layer '{name}'";
                Node[] read = [.. Numbers(json.GetProperty("inputs"), limits).Select(At)];
                nodes.Add(builder.Add(LayerRegistry.Read(Text(json, "kind"), json), read, name));
                place = $"architecture after layer '{name}'";
            }
            place = "architecture";
            int[] outputs = version == 1 ? [nodes.Count - 1] : Numbers(root.GetProperty("outputs"), limits);
            Network network = builder.BuildWithoutValues([.. outputs.Select(At)], Name(root, "name"));
            network.ClassNames = ClassNames(root.GetProperty("classes"), network.OutputShape.ElementsPerExample);
            if (atInput is null)
                NetworkCompiler.Check(network);
            return network;

            Node At(int index)
            {
                if (index >= nodes.Count || index < NetworkNode.NetworkInput - inputs.Length + 1)
                    throw new FormatException($"it reads the output of layer {index}, and there is none before it");
                return index >= 0 ? nodes[index] : inputs[NetworkNode.NetworkInput - index];
            }
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or FormatException
                        or ArgumentException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or NotSupportedException
                        or OverflowException
            )
        {
            throw new DataFormatException($"{path}: its {place} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static int[] Numbers(JsonElement array, ReadingLimits limits)
    {
        ReadingLimits.Check(array.GetArrayLength(), limits.Inputs, nameof(limits.Inputs), "inputs or outputs");
        return [.. array.EnumerateArray().Select(number => number.GetInt32())];
    }

    private static string[] ClassNames(JsonElement array, int outputs)
    {
        int count = array.GetArrayLength();
        if (count > 0 && count != outputs)
            throw new FormatException($"it names {count} classes, and the network has {outputs} outputs");
        return [.. array.EnumerateArray().Select(name => Checked(name.GetString(), "a class"))];
    }

    private static Node Input(NetworkBuilder builder, int[] sizes) =>
        sizes is [int height, int width, int channels]
            ? builder.Input(height, width, channels)
            : throw new FormatException("an input has not three sizes");

    // Names reach terminals and reports.
    private static string Name(JsonElement json, string name) => Checked(Text(json, name), name);

    private static string Checked(string? text, string what) =>
        text is null ? throw new FormatException($"{what} has no name")
        : text.Any(char.IsControl) ? throw new FormatException($"the text of {what} has control characters")
        : text;

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

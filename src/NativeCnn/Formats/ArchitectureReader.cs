using System.Text.Json;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Networks.Compilation;
using NativeCnn.Storage;

namespace NativeCnn.Formats;

/// <summary>
/// Makes the network that an architecture's JSON object describes. Whatever is wrong is a <see
/// cref="MemberException"/> with the member's path.
/// </summary>
internal sealed class ArchitectureReader
{
    private static readonly string[] Members = ["version", "name", "inputs", "outputs", "classes", "layers"];
    private static readonly string[] MembersOfVersion1 = ["version", "name", "input", "classes", "layers"];

    /// <summary>The members that every layer has beside its own.</summary>
    public static IReadOnlyList<string> LayerMembers { get; } =
    ["name", "kind", "inputs", ParameterFactor.Rate.Member, ParameterFactor.Decay.Member];

    private readonly ReadingLimits _limits;
    private readonly NetworkBuilder _builder = new();
    private readonly List<Node> _inputs = [];
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<Layer> _layers = [];
    private readonly HashSet<Node> _read = [];

    private readonly Func<Node, Node>? _atInput;

    private ArchitectureReader(ReadingLimits limits, Func<Node, Node>? atInput) =>
        (_limits, _atInput) = (limits, atInput);

    /// <summary>The network; its parameters have no memory yet.</summary>
    /// <param name="root">The architecture.</param>
    /// <param name="limits">How large the network may be.</param>
    /// <param name="atInput">What is put before the layers that read an input; it is then not checked to compile.</param>
    /// <exception cref="MemberException">It is wrong, is over a limit, or cannot be compiled.</exception>
    public static Network Read(JsonElement root, ReadingLimits limits, Func<Node, Node>? atInput = null) =>
        At(MemberPath.Root, () => new ArchitectureReader(limits, atInput).ReadNetwork(root));

    /// <summary>The name of the layer in which a member lies, if it lies in one that has a name.</summary>
    public static string? LayerAt(JsonElement root, MemberPath path) =>
        path.Steps.ToArray() is [{ Name: "layers" }, { Name: null, Index: int index }, ..]
        && root.GetProperty("layers")[index] is { ValueKind: JsonValueKind.Object } layer
        && layer.TryGetProperty("name", out JsonElement name)
        && name.ValueKind == JsonValueKind.String
            ? LayerJson.Shown(name.GetString()!)
            : null;

    private Network ReadNetwork(JsonElement root)
    {
        MemberPath top = MemberPath.Root;
        if (root.ValueKind != JsonValueKind.Object)
            throw LayerOptions.Wrong(top, "an object", root);
        int version = ReadVersion(root);
        CheckNames(root, version == 1 ? MembersOfVersion1 : Members);
        // Version 1 had one input, and the last layer's output was the network's.
        if (version == 1)
            ReadInput(Required(root, "input"), top.Member("input"));
        else
            ReadInputs(Required(root, "inputs"), top.Member("inputs"));
        JsonElement layers = Array(Required(root, "layers"), top.Member("layers"));
        Check(layers.GetArrayLength(), _limits.Layers, nameof(_limits.Layers), "layers", top.Member("layers"));
        foreach ((int i, JsonElement layer) in layers.EnumerateArray().Index())
            At(top.Member("layers").Element(i), () => ReadLayer(layer, top.Member("layers").Element(i)));
        if (_layers.Count == 0)
            throw new MemberException(top.Member("layers"), "is empty, and a network has at least one layer");
        return Build(root);
    }

    private static int ReadVersion(JsonElement root)
    {
        MemberPath path = MemberPath.Root.Member("version");
        int version = LayerOptions.Int(Required(root, "version"), path);
        return version is 1 or ArchitectureWriter.Version
            ? version
            : throw new MemberException(
                path,
                $"is {version}: there is no version {version}; this program reads versions 1 and {ArchitectureWriter.Version}"
            );
    }

    private void ReadInputs(JsonElement inputs, MemberPath path)
    {
        CheckInputs(Array(inputs, path), path);
        foreach ((int i, JsonElement input) in inputs.EnumerateArray().Index())
            ReadInput(input, path.Element(i));
        if (_inputs.Count == 0)
            throw new MemberException(path, "is empty, and a network has at least one input");
    }

    private void ReadInput(JsonElement input, MemberPath path)
    {
        const string Form = "an array of 3 whole numbers: height, width, channels";
        int[] sizes = LayerOptions.Ints(input, path, 3, Form, OptionRange.AtLeast(1));
        Node node = At(path, () => _builder.Input(sizes[0], sizes[1], sizes[2]));
        _inputs.Add(_atInput is null ? node : _atInput(node));
    }

    private bool ReadLayer(JsonElement json, MemberPath path)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw LayerOptions.Wrong(path, "an object", json);
        string kind = Text(Required(json, "kind", path), path.Member("kind"));
        Layer layer = ReadOptions(kind, json, path);
        string? name = json.TryGetProperty("name", out JsonElement named) ? Text(named, path.Member("name")) : null;
        if (name is not null && _places.ContainsKey(name))
            throw new MemberException(
                path.Member("name"),
                $"is '{LayerJson.Shown(name)}', and a layer before it is called that too"
            );
        Node[] read = ReadReferences(json, path);
        Node node = At(path, () => _builder.Add(layer, read, name), read);
        _read.UnionWith(read);
        _places.Add(layer.Name, _nodes.Count);
        _nodes.Add(node);
        _layers.Add(layer);
        ReadFactors(json, path, ParameterFactor.Rate, layer);
        ReadFactors(json, path, ParameterFactor.Decay, layer);
        return true;
    }

    private static Layer ReadOptions(string kind, JsonElement json, MemberPath path)
    {
        if (LayerRegistry.Find(kind) is not { } known)
            throw new MemberException(path.Member("kind"), $": {LayerRegistry.Unknown(kind)}");
        return At(
            path,
            () =>
            {
                try
                {
                    return known.Read(json, LayerMembers);
                }
                catch (MemberException e)
                {
                    // A layer knows its own members alone.
                    throw e.From(path);
                }
            }
        );
    }

    // Without inputs a layer reads the one before it.
    private Node[] ReadReferences(JsonElement json, MemberPath layer)
    {
        if (!json.TryGetProperty("inputs", out JsonElement inputs))
            return [_nodes.Count > 0 ? _nodes[^1] : _inputs[0]];
        MemberPath path = layer.Member("inputs");
        CheckInputs(Array(inputs, path), path);
        return [.. inputs.EnumerateArray().Select((input, i) => Find(input, path.Element(i)))];
    }

    private Node Find(JsonElement reference, MemberPath path)
    {
        if (reference.ValueKind == JsonValueKind.String)
        {
            string name = Text(reference, path);
            return _places.TryGetValue(name, out int place)
                ? _nodes[place]
                : throw new MemberException(
                    path,
                    $"is '{LayerJson.Shown(name)}', and no layer before it is called that"
                        + Spelling.Suggestion(name, _places.Keys, "there are", most: 20)
                );
        }
        if (reference.ValueKind != JsonValueKind.Number)
            throw LayerOptions.Wrong(path, "a layer's name, or a number", reference);
        int index = LayerOptions.Int(reference, path);
        if (index >= 0 && index < _nodes.Count)
            return _nodes[index];
        // Not subtracted: the least of all numbers has no opposite.
        if (index < 0 && index >= NetworkNode.NetworkInput - _inputs.Count + 1)
            return _inputs[NetworkNode.NetworkInput - index];
        string layers = _nodes.Count switch
        {
            0 => "there is no layer before it",
            1 => "the one layer before it is 0",
            int count => $"the layers before it are 0 to {count - 1}",
        };
        string inputs = _inputs.Count == 1 ? "the network's input is -1" : $"the inputs are -1 to -{_inputs.Count}";
        throw new MemberException(path, $"is {index}: {layers}, and {inputs}");
    }

    private static void ReadFactors(JsonElement json, MemberPath layerPath, ParameterFactor factor, Layer layer)
    {
        if (!json.TryGetProperty(factor.Member, out JsonElement value))
            return;
        MemberPath path = layerPath.Member(factor.Member);
        if (value.ValueKind is not (JsonValueKind.Number or JsonValueKind.Object))
            throw LayerOptions.Wrong(path, "a number, or an object with a number for each parameter", value);
        if (value.ValueKind == JsonValueKind.Number)
        {
            Apply(null, value, path);
            return;
        }
        foreach (JsonProperty parameter in value.EnumerateObject())
            Apply(parameter.Name, parameter.Value, path.Member(parameter.Name));

        void Apply(string? parameter, JsonElement number, MemberPath member)
        {
            if (factor.Apply(layer, parameter, LayerOptions.Float(number, member, OptionRange.AtLeast(0))) is { } wrong)
                throw new MemberException(member, wrong) { IsAboutName = true };
        }
    }

    private Network Build(JsonElement root)
    {
        MemberPath path = MemberPath.Root.Member("outputs");
        Node[] outputs = [_nodes[^1]];
        if (root.TryGetProperty("outputs", out JsonElement named))
        {
            CheckInputs(Array(named, path), path);
            if (named.GetArrayLength() == 0)
                throw new MemberException(path, "is empty, and a network has at least one output");
            outputs = [.. named.EnumerateArray().Select((output, i) => Output(output, path.Element(i)))];
        }
        _read.UnionWith(outputs);
        CheckRead();
        string called = root.TryGetProperty("name", out JsonElement name)
            ? Text(name, MemberPath.Root.Member("name"))
            : "network";
        Network network = At(path, () => _builder.BuildWithoutValues(outputs, called));
        if (root.TryGetProperty("classes", out JsonElement classes))
            network.ClassNames = ReadClasses(classes, network.OutputShape.ElementsPerExample);
        try
        {
            if (_atInput is null)
                NetworkCompiler.Check(network);
        }
        catch (Exception e) when (IsFault(e))
        {
            int layer = _layers.FindIndex(layer =>
                e.Message.StartsWith($"Layer '{layer.Name}' ", StringComparison.Ordinal)
            );
            MemberPath layers = MemberPath.Root.Member("layers");
            throw Fault(layer < 0 ? layers : layers.Element(layer), e, []);
        }
        return network;
    }

    private Node Output(JsonElement output, MemberPath path)
    {
        Node node = Find(output, path);
        return node.Index >= 0
            ? node
            : throw new MemberException(
                path,
                "is an input: what leaves a network is the output of a layer, not an input"
            );
    }

    private void CheckRead()
    {
        int unread = _nodes.FindIndex(node => !_read.Contains(node));
        if (unread >= 0)
            throw new MemberException(
                MemberPath.Root.Member("layers").Element(unread),
                $": no layer reads the output of '{_layers[unread].Name}', and it does not leave the network"
            );
    }

    private static string[] ReadClasses(JsonElement classes, int outputs)
    {
        MemberPath path = MemberPath.Root.Member("classes");
        int count = Array(classes, path).GetArrayLength();
        if (count > 0 && count != outputs)
            throw new MemberException(path, $"names {count} classes, and the network has {outputs} outputs");
        return [.. classes.EnumerateArray().Select((name, i) => Text(name, path.Element(i)))];
    }

    private static void CheckNames(JsonElement root, string[] known)
    {
        foreach (JsonProperty member in root.EnumerateObject())
        {
            if (!known.Contains(member.Name))
                throw MemberException.Unknown(MemberPath.Root, member.Name, known);
        }
    }

    private void CheckInputs(JsonElement array, MemberPath path) =>
        Check(array.GetArrayLength(), _limits.Inputs, nameof(_limits.Inputs), "inputs or outputs", path);

    private static void Check(int value, long limit, string name, string what, MemberPath path)
    {
        if (ReadingLimits.Excess(value, limit, name, what) is { } problem)
            throw new MemberException(path, $": {problem}");
    }

    private static JsonElement Required(JsonElement json, string name, MemberPath? parent = null) =>
        json.TryGetProperty(name, out JsonElement value)
            ? value
            : throw new MemberException((parent ?? MemberPath.Root).Member(name), "is missing");

    private static JsonElement Array(JsonElement value, MemberPath path) =>
        value.ValueKind == JsonValueKind.Array ? value : throw LayerOptions.Wrong(path, "an array", value);

    // Names reach terminals and reports.
    private static string Text(JsonElement value, MemberPath path)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw LayerOptions.Wrong(path, "a text", value);
        string text = At(path, () => value.GetString()!);
        return text.Any(char.IsControl) ? throw new MemberException(path, "has control characters") : text;
    }

    // Whatever is thrown has the path of a member.
    private static T At<T>(MemberPath path, Func<T> read, params IReadOnlyList<Node> inputs)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not MemberException && IsFault(e))
        {
            throw Fault(path, e, inputs);
        }
    }

    private static bool IsFault(Exception e) =>
        e
            is JsonException
                or FormatException
                or ArgumentException
                or InvalidOperationException
                or NotSupportedException
                or OverflowException;

    // A layer's refusal, with what the layer reads where the message does not have it.
    private static MemberException Fault(MemberPath path, Exception e, IReadOnlyList<Node> inputs)
    {
        string message = LayerOptions.WithoutParameter(e);
        string[] shapes = [.. inputs.Select(input => input.Shape.ToString()).Distinct()];
        bool isLayers = message.StartsWith("Layer '", StringComparison.Ordinal);
        if (isLayers && shapes.Length > 0 && !shapes.All(shape => message.Contains(shape, StringComparison.Ordinal)))
            message += $"; it reads {string.Join(" and ", shapes)}";
        return new MemberException(path, $": {message}", e);
    }
}

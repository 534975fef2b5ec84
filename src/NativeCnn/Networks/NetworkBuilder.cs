using System.Globalization;
using NativeCnn.Layers;
using NativeCnn.Networks.Compilation;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>
/// Builds a network: inputs first, then layers that read what is there, then <c>Build</c> with what leaves it. Shapes
/// are inferred, and checked, as each layer is added. <see cref="Node"/> has a method for each common layer.
/// </summary>
public sealed class NetworkBuilder
{
    private readonly List<Node> _inputs = [];
    private readonly List<NetworkNode> _nodes = [];
    private readonly HashSet<string> _names = [];
    private readonly Dictionary<string, int> _kinds = [];
    private bool _isBuilt;

    /// <summary>The input of a new network, for examples of height × width × channels.</summary>
    public static Node Start(int height, int width, int channels) =>
        new NetworkBuilder().Input(height, width, channels);

    /// <summary>The input of a new network, for signals of so many samples of so many channels: of height 1.</summary>
    public static Node StartSignal(int length, int channels) => Start(1, length, channels);

    /// <summary>The input of a new network, for examples of a shape; its batch size is ignored.</summary>
    public static Node Start(Shape example) => new NetworkBuilder().Input(example);

    /// <summary>Adds an input of height × width × channels.</summary>
    public Node Input(int height, int width, int channels) => Input(new Shape(1, height, width, channels));

    /// <summary>Adds an input for examples of a shape; its batch size is ignored.</summary>
    public Node Input(Shape example)
    {
        var input = new Node(this, NetworkNode.NetworkInput - _inputs.Count, example.WithBatchSize(1));
        _inputs.Add(input);
        return input;
    }

    /// <summary>Adds a layer.</summary>
    /// <param name="layer">The layer; it belongs to this network from now on.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="name">Its name, or null for its kind and a number.</param>
    /// <exception cref="ShapeException">The layer does not fit what it reads; the message names it.</exception>
    /// <exception cref="ArgumentException">
    /// The layer or the name is taken, or an input is another network's.
    /// </exception>
    public Node Add(Layer layer, ReadOnlySpan<Node> inputs, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer.Name.Length > 0)
            throw new ArgumentException(
                $"Layer '{layer.Name}' is already part of a network; make a new one.",
                nameof(layer)
            );
        name ??= NumberedName(layer.Kind);
        CheckName(name);
        if (_names.Contains(name))
            throw new ArgumentException(
                $"Two layers are called '{name}'; names are unique in a network.",
                nameof(name)
            );
        if (inputs.Length != (layer.InputCount ?? Math.Max(inputs.Length, 1)))
            throw new ShapeException(
                $"Layer '{name}' ({layer.Kind}) reads {layer.InputCount ?? 1} inputs; got {inputs.Length}."
            );
        foreach (Node input in inputs)
            CheckOwn(input);
        Shape[] shapes = [.. inputs.ToArray().Select(input => input.Shape)];
        Shape output = Join(layer, name, shapes);
        foreach (Parameter parameter in layer.Parameters)
            parameter.Name = $"{name}.{parameter.Name}";
        _names.Add(name);
        _nodes.Add(new NetworkNode(layer, [.. inputs.ToArray().Select(input => input.Index)], output));
        return new Node(this, _nodes.Count - 1, output);
    }

    /// <summary>The network, with its parameters initialised.</summary>
    /// <param name="outputs">What leaves it, one or more.</param>
    /// <param name="seed">The seed of the initial values and of dropout.</param>
    /// <param name="name">What the network is called in files and reports.</param>
    /// <exception cref="InvalidOperationException">
    /// No layer was added, the output of one is read by nobody, or the network was built before.
    /// </exception>
    public Network Build(ReadOnlySpan<Node> outputs, ulong seed = 1, string name = "network")
    {
        Network network = BuildWithoutValues(outputs, name);
        network.Initialize(seed);
        return network;
    }

    /// <summary>The network before its parameters have memory, for a file that brings the values.</summary>
    internal Network BuildWithoutValues(ReadOnlySpan<Node> outputs, string name)
    {
        if (_nodes.Count == 0)
            throw new InvalidOperationException("A network has at least one layer.");
        if (outputs.IsEmpty)
            throw new InvalidOperationException("A network has at least one output.");
        foreach (Node output in outputs)
        {
            CheckOwn(output);
            if (output.Index < 0)
                throw new InvalidOperationException("What leaves a network is the output of a layer, not an input.");
        }
        int[] leaving = [.. outputs.ToArray().Select(output => output.Index)];
        HashSet<int> read = [.. leaving, .. _nodes.SelectMany(node => node.Inputs)];
        for (int i = 0; i < _nodes.Count; i++)
        {
            if (!read.Contains(i))
                throw new InvalidOperationException(
                    $"No layer reads the output of '{_nodes[i].Layer.Name}', and it does not leave the network."
                );
        }
        if (_isBuilt)
            throw new InvalidOperationException(
                "A network is built once: its layers belong to it. Make a new builder."
            );
        _isBuilt = true;
        return new Network(name, [.. _inputs.Select(input => input.Shape)], [.. _nodes], leaving);
    }

    // A layer that is refused belongs to no network, and can be added elsewhere.
    private static Shape Join(Layer layer, string name, Shape[] shapes)
    {
        layer.Name = name;
        bool isBuilt = false;
        try
        {
            Shape output = ShapeInference.Infer(layer, shapes);
            layer.Build(shapes);
            isBuilt = true;
            return output;
        }
        catch (Exception e) when (LayerFault.Is(e) && e is not ShapeException { InnerException: not null })
        {
            throw LayerFault.Named(layer, e, shapes);
        }
        finally
        {
            if (!isBuilt)
                layer.Name = "";
        }
    }

    private static void CheckName(string name)
    {
        if (name.Length == 0 || name.Any(char.IsControl))
            throw new ArgumentException(
                "A layer's name has one character or more, and no control characters.",
                nameof(name)
            );
    }

    private void CheckOwn(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Builder != this)
            throw new ArgumentException("A layer reads outputs of its own network; this one is another's.");
    }

    private string NumberedName(string kind)
    {
        int number = _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{kind}{number}");
    }
}

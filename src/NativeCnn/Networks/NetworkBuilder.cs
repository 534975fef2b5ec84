using System.Globalization;
using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>
/// Builds a network layer by layer; shapes are inferred, and checked, as each layer is added. Methods without an input add
/// to the end; the overload of <c>Add</c> with inputs makes any acyclic graph.
/// </summary>
public sealed class NetworkBuilder
{
    private readonly Shape _input;
    private readonly List<NetworkNode> _nodes = [];
    private readonly HashSet<string> _names = [];
    private readonly Dictionary<string, int> _kinds = [];

    /// <summary>A network for examples of height × width × channels.</summary>
    public NetworkBuilder(int height, int width, int channels)
        : this(new Shape(1, height, width, channels)) { }

    /// <summary>A network for examples of a shape; its batch size is ignored.</summary>
    public NetworkBuilder(Shape example) => _input = example.WithBatch(1);

    /// <summary>The index of the layer added last, or of the network's input: what another layer can read.</summary>
    public int Last => _nodes.Count - 1;

    /// <summary>The output of the layer added last, for one example.</summary>
    public Shape LastShape => ShapeOf(Last);

    /// <summary>Adds a layer that reads the one added last.</summary>
    /// <param name="layer">The layer; it belongs to this network from now on.</param>
    /// <param name="name">Its name, or null for its kind and a number.</param>
    /// <exception cref="ShapeException">The layer does not fit what it reads; the message names it.</exception>
    public NetworkBuilder Add(Layer layer, string? name = null) => Add(layer, [Last], name);

    /// <summary>Adds a layer that reads the outputs of earlier ones.</summary>
    /// <param name="layer">The layer; it belongs to this network from now on.</param>
    /// <param name="inputs">What it reads: earlier values of <see cref="Last"/>.</param>
    /// <param name="name">Its name, or null for its kind and a number.</param>
    /// <exception cref="ShapeException">The layer does not fit what it reads; the message names it.</exception>
    public NetworkBuilder Add(Layer layer, ReadOnlySpan<int> inputs, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer.Name.Length > 0)
            throw new ArgumentException(
                $"Layer '{layer.Name}' is already part of a network; make a new one.",
                nameof(layer)
            );
        name ??= NumberedName(layer.Kind);
        if (!_names.Add(name))
            throw new ArgumentException(
                $"Two layers are called '{name}'; names are unique in a network.",
                nameof(name)
            );
        if (inputs.Length != layer.InputCount)
            throw new ShapeException(
                $"Layer '{name}' ({layer.Kind}) reads {layer.InputCount} inputs; got {inputs.Length}."
            );
        var shapes = new Shape[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
            shapes[i] = ShapeOf(inputs[i]);
        layer.Name = name;
        Shape output = NetworkCompiler.Infer(layer, shapes);
        layer.Build(shapes);
        foreach (Parameter parameter in layer.Parameters)
            parameter.Name = $"{name}.{parameter.Name}";
        _nodes.Add(new NetworkNode(layer, inputs.ToArray(), output));
        return this;
    }

    /// <summary>Adds a <see cref="Layers.Convolution"/> with bias; without padding unless given.</summary>
    public NetworkBuilder Convolution(
        int filters,
        Size2 kernel,
        Size2? stride = null,
        Padding padding = default,
        int groups = 1
    ) =>
        Add(
            new Convolution(filters, kernel)
            {
                Stride = stride ?? 1,
                Padding = padding,
                Groups = groups,
            }
        );

    /// <summary>Adds a <see cref="Layers.MaxPooling"/>; windows tile the image unless a stride is given.</summary>
    public NetworkBuilder MaxPooling(Size2 window, Size2? stride = null) => Add(new MaxPooling(window, stride));

    /// <summary>Adds an <see cref="Layers.AveragePooling"/>; windows tile the image unless a stride is given.</summary>
    public NetworkBuilder AveragePooling(Size2 window, Size2? stride = null) => Add(new AveragePooling(window, stride));

    /// <summary>Adds a <see cref="Layers.LocalResponseNorm"/>; α is divided by the size of the window.</summary>
    public NetworkBuilder LocalResponseNorm(int size, float alpha = 1e-4f, float beta = 0.75f, float k = 1) =>
        Add(new LocalResponseNorm(size, alpha, beta, k));

    /// <summary>Adds a <see cref="Layers.Dense"/> layer with bias.</summary>
    public NetworkBuilder Dense(int units) => Add(new Dense(units));

    /// <summary>Adds f(x) = max(0, x).</summary>
    public NetworkBuilder Relu() => Add(new PointwiseActivation(Activation.Relu));

    /// <summary>Adds f(x) = tanh x.</summary>
    public NetworkBuilder Tanh() => Add(new PointwiseActivation(Activation.Tanh));

    /// <summary>Adds f(x) = a tanh(bx).</summary>
    public NetworkBuilder ScaledTanh(float a = 1.7159f, float b = 2f / 3f) =>
        Add(new PointwiseActivation(Activation.ScaledTanh(a, b)));

    /// <summary>Adds f(x) = 1 / (1 + exp(−βx)).</summary>
    public NetworkBuilder Logistic(float beta = 1) => Add(new PointwiseActivation(Activation.Logistic(beta)));

    /// <summary>Adds <see cref="Layers.Dropout"/>.</summary>
    public NetworkBuilder Dropout(float probability = 0.5f) => Add(new Dropout(probability));

    /// <summary>Adds <see cref="Layers.Flatten"/>.</summary>
    public NetworkBuilder Flatten() => Add(new Flatten());

    /// <summary>Adds <see cref="Layers.Softmax"/>.</summary>
    public NetworkBuilder Softmax() => Add(new Softmax());

    /// <summary>The network, with its parameters initialised.</summary>
    /// <param name="seed">The seed of the initial values and of dropout.</param>
    /// <param name="name">What the network is called in files and reports.</param>
    /// <exception cref="InvalidOperationException">No layer was added, or the output of one is read by nobody.</exception>
    public Network Build(ulong seed = 1, string name = "network")
    {
        Network network = BuildWithoutValues(name);
        network.Initialize(seed);
        return network;
    }

    /// <summary>The network before its parameters have memory, for a file that brings the values.</summary>
    internal Network BuildWithoutValues(string name)
    {
        if (_nodes.Count == 0)
            throw new InvalidOperationException("A network has at least one layer.");
        for (int i = 0; i < _nodes.Count - 1; i++)
        {
            if (!_nodes.Any(node => node.Inputs.Contains(i)))
            {
                throw new InvalidOperationException(
                    $"No layer reads the output of '{_nodes[i].Layer.Name}'; only the last layer's output leaves the network."
                );
            }
        }
        return new Network(name, _input, [.. _nodes], []);
    }

    private Shape ShapeOf(int index) =>
        index == NetworkNode.NetworkInput ? _input
        : index >= 0 && index < _nodes.Count ? _nodes[index].OutputShape
        : throw new ArgumentOutOfRangeException(
            nameof(index),
            $"There is no layer {index}; {_nodes.Count} were added."
        );

    private string NumberedName(string kind)
    {
        int number = _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{kind}{number}");
    }
}

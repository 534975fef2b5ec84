using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Tensors;

namespace NativeCnn.Networks.Compilation;

/// <summary>A layer in a network that is being compiled, or one of the network's inputs.</summary>
internal sealed class GraphNode(Layer? layer, int index, GraphNode[] inputs, Shape shape)
{
    /// <summary>The layer; null for an input of the network.</summary>
    public Layer? Layer => layer;

    /// <summary>The place in <see cref="Network.Nodes"/>.</summary>
    public int Index => index;

    /// <summary>What it reads.</summary>
    public GraphNode[] Inputs => inputs;

    /// <summary>The output's sizes, batch included.</summary>
    public Shape Shape => shape;

    /// <summary>The activation that finishes the output.</summary>
    public Activation Activation { get; set; } = Activation.Identity;

    /// <summary>The batch normalisation that is part of the layer's filters; null for none.</summary>
    public FoldedNorm? Norm { get; set; }
}

/// <summary>
/// A network at one batch size, for rewrites to change: nodes in an order in which they can run. Counting readers and
/// replacing a node take no longer the larger the network is.
/// </summary>
internal sealed class Graph
{
    private readonly Dictionary<GraphNode, int> _readers = [];
    private readonly Dictionary<GraphNode, GraphNode> _replaced = [];
    private readonly GraphNode[] _outputs;
    private List<GraphNode> _nodes;

    public Graph(GraphNode[] inputs, List<GraphNode> nodes, GraphNode[] outputs)
    {
        Inputs = inputs;
        _nodes = nodes;
        _outputs = outputs;
        foreach (GraphNode read in nodes.SelectMany(node => node.Inputs).Concat(outputs))
            _readers[read] = CountReaders(read) + 1;
    }

    /// <summary>The network's inputs.</summary>
    public IReadOnlyList<GraphNode> Inputs { get; }

    /// <summary>The layers.</summary>
    public IReadOnlyList<GraphNode> Nodes => _nodes;

    /// <summary>What leaves the network.</summary>
    public IReadOnlyList<GraphNode> Outputs => _outputs;

    /// <summary>How many places read a node's output, leaving the network included.</summary>
    public int CountReaders(GraphNode node) => _readers.GetValueOrDefault(node);

    /// <summary>What a layer reads at a place, replacements included.</summary>
    public GraphNode Input(GraphNode node, int place) => node.Inputs[place] = Present(node.Inputs[place]);

    /// <summary>Takes a node out; another one serves its readers. <see cref="Complete"/> has to follow.</summary>
    public void Replace(GraphNode node, GraphNode by)
    {
        _replaced[node] = by;
        // What the node itself read of the other one is read no more.
        int own = node.Inputs.Count(input => Present(input) == by);
        _readers[by] = CountReaders(by) - own + CountReaders(node);
        _readers.Remove(node);
    }

    /// <summary>Has every list follow the replacements.</summary>
    public void Complete()
    {
        if (_replaced.Count == 0)
            return;
        _nodes = [.. _nodes.Where(node => !_replaced.ContainsKey(node))];
        foreach (GraphNode[] places in _nodes.Select(node => node.Inputs).Append(_outputs))
        {
            for (int i = 0; i < places.Length; i++)
                places[i] = Present(places[i]);
        }
        _replaced.Clear();
    }

    private GraphNode Present(GraphNode node)
    {
        while (_replaced.TryGetValue(node, out GraphNode? by))
            node = by;
        return node;
    }
}

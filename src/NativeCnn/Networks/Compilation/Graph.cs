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
}

/// <summary>A network at one batch size, for rewrites to change: nodes in an order in which they can run.</summary>
internal sealed class Graph(GraphNode[] inputs, List<GraphNode> nodes, GraphNode[] outputs)
{
    /// <summary>The network's inputs.</summary>
    public IReadOnlyList<GraphNode> Inputs => inputs;

    /// <summary>The layers.</summary>
    public IReadOnlyList<GraphNode> Nodes => nodes;

    /// <summary>What leaves the network.</summary>
    public IReadOnlyList<GraphNode> Outputs => outputs;

    /// <summary>How many places read a node's output, leaving the network included.</summary>
    public int CountReaders(GraphNode node) =>
        nodes.Sum(reader => reader.Inputs.Count(input => input == node)) + outputs.Count(output => output == node);

    /// <summary>Takes a node out; another one serves its readers.</summary>
    public void Replace(GraphNode node, GraphNode by)
    {
        nodes.Remove(node);
        foreach (GraphNode[] places in (IEnumerable<GraphNode[]>)[.. nodes.Select(reader => reader.Inputs), outputs])
        {
            for (int i = 0; i < places.Length; i++)
            {
                if (places[i] == node)
                    places[i] = by;
            }
        }
    }
}

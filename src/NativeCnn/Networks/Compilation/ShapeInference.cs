using NativeCnn.Layers;
using NativeCnn.Tensors;

namespace NativeCnn.Networks.Compilation;

/// <summary>The first pass: every layer's output shape at a batch size.</summary>
internal static class ShapeInference
{
    /// <summary>A layer's output shape.</summary>
    /// <exception cref="ShapeException">
    /// The inputs do not fit, or a size overflows; the message names the layer.
    /// </exception>
    public static Shape Infer(Layer layer, ReadOnlySpan<Shape> inputs)
    {
        try
        {
            return layer.InferShape(inputs);
        }
        catch (Exception e) when (LayerFault.Is(e))
        {
            throw LayerFault.Named(layer, e, inputs);
        }
    }

    /// <summary>The network's layers with their shapes.</summary>
    public static Graph Run(Network network, int batchSize)
    {
        if (batchSize < 1)
            throw new ShapeException($"A batch has 1 or more examples; got {batchSize}.");
        GraphNode[] inputs =
        [
            .. network.InputShapes.Select(
                (shape, i) => new GraphNode(null, NetworkNode.NetworkInput - i, [], shape.WithBatchSize(batchSize))
            ),
        ];
        var nodes = new List<GraphNode>();
        GraphNode At(int index) => index >= 0 ? nodes[index] : inputs[NetworkNode.NetworkInput - index];
        foreach ((Layer layer, IReadOnlyList<int> sources, _) in network.Nodes)
        {
            GraphNode[] read = [.. sources.Select(At)];
            Shape shape = Infer(layer, [.. read.Select(node => node.Shape)]);
            nodes.Add(new GraphNode(layer, nodes.Count, read, shape));
        }
        return new Graph(inputs, nodes, [.. network.Outputs.Select(At)]);
    }
}

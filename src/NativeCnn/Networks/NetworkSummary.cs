using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>One layer of a <see cref="NetworkSummary"/>.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Kind">What it is.</param>
/// <param name="OutputShape">Its output for the whole batch, N×H×W×C.</param>
/// <param name="Parameters">Values that training changes.</param>
/// <param name="MultiplyAdds">Multiply-adds of one forward pass of the batch.</param>
/// <param name="Bytes">The output in float32.</param>
public sealed record LayerSummary(
    string Name,
    string Kind,
    Shape OutputShape,
    long Parameters,
    long MultiplyAdds,
    long Bytes
);

/// <summary>Layers, shapes, parameters, multiply-adds and memory of a network at one batch size.</summary>
/// <param name="Layers">The layers in their order.</param>
/// <param name="Parameters">Values that training changes.</param>
/// <param name="MultiplyAdds">Multiply-adds of one forward pass of the batch.</param>
/// <param name="TrainingBytes">
/// Planned memory of training: activations, gradients, parameters with their gradients and velocities, and the workspace.
/// </param>
/// <param name="InferenceBytes">Planned memory of inference: activations, parameters and the workspace.</param>
/// <param name="WorkspaceBytes">Scratch memory of the convolutions on the backend that was given; 0 without one.</param>
public sealed record NetworkSummary(
    IReadOnlyList<LayerSummary> Layers,
    long Parameters,
    long MultiplyAdds,
    long TrainingBytes,
    long InferenceBytes,
    long WorkspaceBytes
)
{
    internal static NetworkSummary Of(Network network, int batch, IBackend? backend)
    {
        var layers = new List<LayerSummary>();
        foreach (NetworkNode node in network.Nodes)
        {
            Layer layer = node.Layer;
            Shape[] shapes = network.InputShapes(node, batch);
            Shape shape = node.OutputShape.WithBatch(batch);
            layers.Add(
                new LayerSummary(
                    layer.Name,
                    layer.Kind,
                    shape,
                    layer.Parameters.Sum(p => (long)p.Shape.Count),
                    layer.MultiplyAdds(shapes),
                    (long)shape.Count * sizeof(float)
                )
            );
        }
        long parameters = network.ParameterCount * sizeof(float);
        long workspace = backend is null ? 0 : NetworkMemory.WorkspaceBytes(network, batch, backend);
        return new NetworkSummary(
            layers,
            network.ParameterCount,
            layers.Sum(layer => layer.MultiplyAdds),
            NetworkCompiler.Plan(network, batch, Phase.Training, ElementType.Float32).ArenaBytes
                + 3 * parameters
                + workspace,
            NetworkCompiler.Plan(network, batch, Phase.Inference, ElementType.Float32).ArenaBytes
                + parameters
                + workspace,
            workspace
        );
    }
}

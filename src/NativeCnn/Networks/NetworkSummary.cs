using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Layers;
using NativeCnn.Networks.Compilation;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>One layer of a <see cref="NetworkSummary"/>.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Kind">What it is.</param>
/// <param name="OutputShape">Its output for the whole batch, N×H×W×C.</param>
/// <param name="Parameters">Values that training changes.</param>
/// <param name="State">Values that it keeps besides, such as running averages.</param>
/// <param name="MultiplyAdds">Multiply-adds of one forward pass of the batch.</param>
/// <param name="Bytes">The output in float32.</param>
public sealed record LayerSummary(
    string Name,
    string Kind,
    Shape OutputShape,
    long Parameters,
    long State,
    long MultiplyAdds,
    long Bytes
);

/// <summary>Layers, shapes, parameters, multiply-adds and memory of a network at one batch size.</summary>
/// <param name="Layers">The layers in their order.</param>
/// <param name="Parameters">Values that training changes.</param>
/// <param name="State">Values that the network keeps besides, such as running averages.</param>
/// <param name="MultiplyAdds">Multiply-adds of one forward pass of the batch.</param>
/// <param name="Training">The memory of training by SGD with momentum.</param>
/// <param name="Inference">The memory of inference.</param>
public sealed record NetworkSummary(
    IReadOnlyList<LayerSummary> Layers,
    long Parameters,
    long State,
    long MultiplyAdds,
    NetworkMemory Training,
    NetworkMemory Inference
)
{
    internal static NetworkSummary Of(Network network, int batchSize, Backend? backend)
    {
        // The managed backend needs no scratch memory.
        using var managed = new ManagedBackend();
        Graph graph = ShapeInference.Run(network, batchSize);
        var options = new CompilationOptions(managed, batchSize, Phase.Inference);
        NetworkProgram program = Lowering.Run(network, graph, options);
        LayerSummary[] layers = [.. program.Layers.Select(Summarize)];
        var sgd = new Sgd { Momentum = 0.9f };
        return new NetworkSummary(
            layers,
            network.ParameterCount,
            network.StateCount,
            layers.Sum(layer => layer.MultiplyAdds),
            NetworkMemory.Of(network, backend ?? managed, batchSize, Phase.Training, sgd),
            NetworkMemory.Of(network, backend ?? managed, batchSize, Phase.Inference)
        );
    }

    private static LayerSummary Summarize(LoweredLayer lowered)
    {
        ILookup<ParameterRole, long> counts = lowered.Layer.Parameters.ToLookup(p => p.Role, p => (long)p.FreeCount);
        return new LayerSummary(
            lowered.Layer.Name,
            lowered.Layer.Kind,
            lowered.Node.Shape,
            counts[ParameterRole.Trained].Sum(),
            counts[ParameterRole.State].Sum(),
            lowered.Calls.Sum(call => call.Operation.MultiplyAdds),
            (long)lowered.Node.Shape.Count * sizeof(float)
        );
    }
}

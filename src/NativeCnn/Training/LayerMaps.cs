using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>What a layer makes of one example.</summary>
/// <param name="Layer">The layer's name.</param>
/// <param name="Shape">1×H×W×C of its output.</param>
/// <param name="Values">Its output.</param>
/// <param name="Filters">Its filters, if it is a convolution of some kind.</param>
internal sealed record LayerMaps(string Layer, Shape Shape, float[] Values, Parameter? Filters)
{
    /// <summary>The outputs of some layers at inference.</summary>
    /// <param name="network">The network.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="chosen">Indices of its nodes.</param>
    /// <param name="example">The values of its input.</param>
    public static IReadOnlyList<LayerMaps> Of(
        Network network,
        Backend backend,
        IReadOnlyList<int> chosen,
        ReadOnlySpan<float> example
    )
    {
        // The same layers, of which other ones leave the network; it owns nothing.
        var shown = new Network(network.Name, network.InputShapes, network.Nodes, chosen);
        using CompiledNetwork compiled = shown.Compile(backend, 1, Phase.Inference);
        using var input = new Tensor(network.InputShape);
        example.CopyTo(input.Span);
        compiled.Forward(input);
        List<LayerMaps> maps = [];
        for (int i = 0; i < chosen.Count; i++)
        {
            Layer layer = network.Nodes[chosen[i]].Layer;
            Tensor output = compiled.Outputs[i];
            using TensorHold hold = output.Hold();
            Parameter? filters = layer is Convolution or TransposedConvolution or MapCombination
                ? layer.Parameters[0]
                : null;
            maps.Add(new LayerMaps(layer.Name, output.Shape, output.Span.ToArray(), filters));
        }
        return maps;
    }
}

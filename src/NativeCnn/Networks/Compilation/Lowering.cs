using NativeCnn.Layers;
using NativeCnn.Optimizers;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Networks.Compilation;

/// <summary>The third pass: has every layer record the operations of its forward pass.</summary>
internal sealed class Lowering
{
    private readonly Network _network;
    private readonly Phase _phase;
    private readonly BackwardOrder _order;
    private readonly ElementType _type;
    private readonly ParameterSymbols _parameters;
    private readonly double[] _step = [0];
    private readonly Dictionary<GraphNode, Symbol> _outputs = [];
    private readonly HashSet<GraphNode> _wantGradient = [];

    private Lowering(Network network, CompilationOptions options)
    {
        _network = network;
        _phase = options.Phase;
        _order = options.Order;
        _type = options.Backend.ElementType;
        Optimizer? optimizer = _phase == Phase.Training ? options.Optimizer : null;
        _parameters = new ParameterSymbols(network.Parameters, options.Backend, optimizer, options.KeepsGradients);
    }

    public static NetworkProgram Run(Network network, Graph graph, CompilationOptions options)
    {
        var lowering = new Lowering(network, options);
        foreach (GraphNode input in graph.Inputs)
            lowering._outputs[input] = new Symbol("input", input.Shape, lowering._type, SymbolHome.NetworkInput);
        LoweredLayer[] layers = [.. graph.Nodes.Select(lowering.Lower)];
        return new NetworkProgram
        {
            Inputs = [.. graph.Inputs.Select(input => lowering._outputs[input])],
            Outputs = [.. graph.Outputs.Select(output => lowering._outputs[output])],
            Layers = layers,
            Parameters = lowering._parameters,
            Step = lowering._step,
        };
    }

    private LoweredLayer Lower(GraphNode node)
    {
        Layer layer = node.Layer!;
        bool[] wants = [.. node.Inputs.Select(_wantGradient.Contains)];
        var inputs = new LayerInputs([.. node.Inputs.Select(input => _outputs[input])], wants);
        var context = new LayerContext(layer, inputs, node.Shape, _parameters)
        {
            Phase = _phase,
            Order = _order,
            ElementType = _type,
            Activation = node.Activation,
            Norm = node.Norm,
            Key = new RandomStream(_network.Seed, ~(ulong)node.Index).NextUInt64(),
            Step = _step,
        };
        try
        {
            layer.Forward(context);
        }
        catch (Exception e) when (LayerFault.Is(e))
        {
            throw LayerFault.Named(layer, e, [.. node.Inputs.Select(input => input.Shape)]);
        }
        // A network's input is another tensor at every run: what outlives the run of one layer must not be a view of
        // it.
        if (context.Output.Root.Home == SymbolHome.NetworkInput)
            context.CopyOutput();
        _outputs[node] = context.Output;
        if (_phase == Phase.Training && context.WantsGradient)
            _wantGradient.Add(node);
        return new LoweredLayer(node, context, context.TakeCalls());
    }
}

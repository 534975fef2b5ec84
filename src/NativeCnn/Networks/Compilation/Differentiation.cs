using NativeCnn.Layers;
using NativeCnn.Tensors;

namespace NativeCnn.Networks.Compilation;

/// <summary>
/// The fourth pass: has the layers record their backward passes, last to first, and adds up the gradients of what
/// several layers read.
/// </summary>
internal sealed class Differentiation
{
    private readonly List<OperationCall> _calls = [];
    private readonly Dictionary<GraphNode, Symbol> _gradients = [];
    private readonly ElementType _type;
    private readonly BackwardOrder _order;

    private Differentiation(CompilationOptions options)
    {
        _type = options.Backend.ElementType;
        _order = options.Order;
    }

    public static void Run(Graph graph, NetworkProgram program, CompilationOptions options)
    {
        var pass = new Differentiation(options);
        program.OutputGradients =
        [
            .. program.Outputs.Select(output => new Symbol(
                $"{output.Name} gradient",
                output.Shape,
                pass._type,
                SymbolHome.Arena
            )),
        ];
        for (int i = 0; i < graph.Outputs.Count; i++)
            pass.Add(graph.Outputs[i], program.OutputGradients[i]);
        foreach (LoweredLayer layer in program.Layers.Reverse())
            pass.Backward(layer);
        program.Backward = pass._calls;
        program.Updates = [.. Updates(program.Parameters)];
    }

    private void Backward(LoweredLayer lowered)
    {
        (GraphNode node, LayerContext context, _) = lowered;
        if (!context.WantsGradient)
            return;
        context.OutputGradient = _gradients[node];
        if (_order == BackwardOrder.Gradient)
            lowered.Layer.Backward(context);
        else
            lowered.Layer.BackwardSecondDerivatives(context);
        _calls.AddRange(context.TakeCalls());
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            if (context.TakeInputGradient(i) is { } gradient)
                Add(node.Inputs[i], gradient);
        }
    }

    // The reader that comes last in the network is the first to give its gradient.
    private void Add(GraphNode node, Symbol gradient)
    {
        if (!_gradients.TryGetValue(node, out Symbol? sum))
        {
            _gradients[node] = gradient;
            return;
        }
        var joined = new Symbol($"{node.Layer?.Name} gradient", node.Shape, _type, SymbolHome.Arena);
        _calls.Add(
            new OperationCall(
                new Backends.Operations.Addition(node.Shape, joinsGradients: true),
                [sum, gradient, joined],
                []
            )
            {
                Layer = node.Layer,
            }
        );
        _gradients[node] = joined;
    }

    private static IEnumerable<OperationCall> Updates(ParameterSymbols parameters)
    {
        foreach (ParameterUpdate update in parameters.Updates)
        {
            if (!update.IsFused)
                yield return new OperationCall(
                    update.Operation,
                    [parameters.Gradient(update.Parameter), .. update.States, parameters.Value(update.Parameter)],
                    update.Scalars
                );
        }
    }
}

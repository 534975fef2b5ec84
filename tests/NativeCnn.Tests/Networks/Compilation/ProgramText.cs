using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Networks.Compilation;

namespace NativeCnn.Tests.Networks.Compilation;

/// <summary>Graphs and programs as lines of text, so that a test shows them before and after a pass.</summary>
internal static class ProgramText
{
    /// <summary>A network compiled for the managed backend, before any memory is taken.</summary>
    public static CompilationPlan Plan(Network network, Phase phase) =>
        NetworkCompiler.Plan(network, new CompilationOptions(new ManagedBackend(), 2, phase));

    /// <summary>A graph after the rewrites for a phase on the managed backend.</summary>
    public static Graph Rewritten(Network network, Phase phase)
    {
        Graph graph = ShapeInference.Run(network, 2);
        Rewriting.Run(graph, new CompilationOptions(new ManagedBackend(), 2, phase));
        return graph;
    }

    /// <summary>A line for each layer, <c>dense1 + Relu(flatten1)</c>, and one for what leaves.</summary>
    public static string[] Lines(this Graph graph)
    {
        IEnumerable<string> layers = graph.Nodes.Select(node =>
        {
            string fused = node.Norm is { } norm ? $" + {norm.Norm.Name}" : "";
            fused += node.Activation == Activation.Identity ? "" : $" + {node.Activation.Kind}";
            return $"{Name(node)}{fused}({string.Join(", ", node.Inputs.Select(Name))})";
        });
        return [.. layers, $"→ {string.Join(", ", graph.Outputs.Select(Name))}"];
    }

    /// <summary>A line for each call: <c>BiasBackward(dense1 output gradient → dense1.bias gradient)</c>.</summary>
    public static string[] Lines(this IEnumerable<OperationCall> calls) =>
        [.. calls.Select(call => $"{call.Operation.Name}({Names(call, isRead: true)} → {Names(call, isRead: false)})")];

    private static string Name(GraphNode node) => node.Layer?.Name ?? $"input{-node.Index}";

    private static string Names(OperationCall call, bool isRead) =>
        string.Join(
            ", ",
            call.Operands.Zip(call.Operation.Operands)
                .Where(pair => pair.First is not null && pair.Second.Role is OperandRole.Read == isRead)
                .Select(pair => pair.First!.Name)
        );
}

namespace NativeCnn.Networks.Compilation;

/// <summary>A change of the graph that keeps what it computes and makes it faster.</summary>
internal interface IRewriteRule
{
    /// <summary>
    /// Applies the rule at a node, if it fits there. Nodes are offered in their order; one that a rule took out is not
    /// offered again.
    /// </summary>
    /// <returns>Whether the graph changed.</returns>
    bool TryApply(Graph graph, GraphNode node);
}

/// <summary>The second pass: applies every rule wherever it fits, until none does.</summary>
internal static class Rewriting
{
    private static readonly IRewriteRule[] Rules = [new ActivationFusion()];

    public static void Run(Graph graph)
    {
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (IRewriteRule rule in Rules)
            {
                foreach (GraphNode node in graph.Nodes)
                    changed |= rule.TryApply(graph, node);
                graph.Complete();
            }
        }
    }
}

/// <summary>
/// Lets a convolution or dense layer finish its output with the activation that alone reads it. One whose derivative
/// needs its input stays: the input would be overwritten.
/// </summary>
internal sealed class ActivationFusion : IRewriteRule
{
    public bool TryApply(Graph graph, GraphNode node)
    {
        if (
            node.Layer?.AsActivation is not { NeedsInput: false } activation
            || graph.Input(node, 0) is not { Layer.CanFuseActivation: true } source
            || source.Activation != Backends.Operations.Activation.Identity
            || graph.CountReaders(source) != 1
        )
            return false;
        source.Activation = activation;
        graph.Replace(node, source);
        return true;
    }
}

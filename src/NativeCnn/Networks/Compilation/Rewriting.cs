using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;

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
    public static void Run(Graph graph, CompilationOptions options)
    {
        IRewriteRule[] rules =
            options.Phase == Phase.Inference
                ? [new BatchNormFoldingRule(options.Backend), new ActivationFusion()]
                : [new ActivationFusion()];
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (IRewriteRule rule in rules)
            {
                foreach (GraphNode node in graph.Nodes)
                    changed |= rule.TryApply(graph, node);
                graph.Complete();
            }
        }
    }
}

/// <summary>
/// Lets a convolution, a dense layer, a sum or a batch normalisation finish its output with the activation that alone
/// reads it. One whose derivative
/// needs its input stays: the input would be overwritten.
/// </summary>
internal sealed class ActivationFusion : IRewriteRule
{
    public bool TryApply(Graph graph, GraphNode node)
    {
        if (
            node.Layer?.AsActivation is not { NeedsInput: false } activation
            || graph.Input(node, 0) is not { Layer.CanFuseActivation: true } source
            || source.Activation != Activation.Identity
            || graph.CountReaders(source) != 1
        )
            return false;
        source.Activation = activation;
        graph.Replace(node, source);
        return true;
    }
}

/// <summary>
/// Lets a convolution or dense layer compute the batch normalisation that alone reads it, at inference: by other
/// filters and biases. Not where the backend has no kernel that makes them.
/// </summary>
internal sealed class BatchNormFoldingRule(Backend backend) : IRewriteRule
{
    public bool TryApply(Graph graph, GraphNode node)
    {
        if (
            node.Layer is not BatchNorm norm
            || node.Activation != Activation.Identity
            || graph.Input(node, 0) is not { Layer: { } layer, Norm: null } source
            || source.Activation != Activation.Identity
            || graph.CountReaders(source) != 1
            || layer.DeclareFolding(norm.Epsilon) is not { } folding
            || backend.Plan(folding) is null
        )
            return false;
        source.Norm = new FoldedNorm(norm, folding);
        graph.Replace(node, source);
        return true;
    }
}

using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Layers;
using NativeCnn.Optimizers;

namespace NativeCnn.Networks.Compilation;

/// <summary>What a network is compiled for; the members are those of <see cref="Network.Compile"/>.</summary>
internal sealed record CompilationOptions(
    Backend Backend,
    int BatchSize,
    Phase Phase,
    Optimizer? Optimizer = null,
    bool KeepsGradients = false,
    BackwardOrder Order = BackwardOrder.Gradient,
    bool KeepsPacked = false
);

/// <summary>What the compiler found out about a network; no memory is taken yet.</summary>
internal sealed record CompilationPlan(
    Network Network,
    CompilationOptions Options,
    NetworkProgram Program,
    MemoryPlacement Placement
);

/// <summary>
/// Turns a graph of layers into a flat list of operations on places in one arena: infers shapes, rewrites, lowers,
/// differentiates, places.
/// </summary>
internal static class NetworkCompiler
{
    /// <summary>
    /// Has every layer of a network record its operations once, for a single example, and forgets them: what a layer or
    /// an operation refuses, it refuses here.
    /// </summary>
    /// <exception cref="Tensors.ShapeException">One refuses its options; the message names the layer.</exception>
    public static void Check(Network network)
    {
        using var backend = new ManagedBackend();
        var options = new CompilationOptions(backend, 1, Phase.Inference);
        _ = Lowering.Run(network, ShapeInference.Run(network, 1), options);
    }

    /// <exception cref="Tensors.ShapeException">A size overflows; the message names the layer.</exception>
    public static CompilationPlan Plan(Network network, CompilationOptions options)
    {
        Graph graph = ShapeInference.Run(network, options.BatchSize);
        Rewriting.Run(graph, options);
        NetworkProgram program = Lowering.Run(network, graph, options);
        if (options.KeepsPacked)
            Preparation.Run(program);
        if (options.Phase == Phase.Training)
            Differentiation.Run(graph, program, options);
        return new CompilationPlan(network, options, program, MemoryPlacement.Run(program));
    }
}

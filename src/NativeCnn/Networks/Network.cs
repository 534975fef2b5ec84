using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>
/// An acyclic graph of layers with one input and one output, and the parameters of its layers. It is a description: it runs
/// once it is compiled for a batch size and a backend.
/// </summary>
public sealed class Network : IDisposable
{
    internal Network(string name, Shape inputShape, IReadOnlyList<NetworkNode> nodes, IReadOnlyList<string> classNames)
    {
        Name = name;
        InputShape = inputShape;
        Nodes = nodes;
        ClassNames = classNames;
        Parameters = [.. nodes.SelectMany(node => node.Layer.Parameters)];
    }

    /// <summary>What the network is called in files and reports.</summary>
    public string Name { get; }

    /// <summary>The input of one example, 1×H×W×C.</summary>
    public Shape InputShape { get; }

    /// <summary>The output of one example.</summary>
    public Shape OutputShape => Nodes[^1].OutputShape;

    /// <summary>The layers in the order in which they run; the last one's output is the network's.</summary>
    public IReadOnlyList<NetworkNode> Nodes { get; }

    /// <summary>What the outputs are called, where they are classes; empty if nobody said.</summary>
    public IReadOnlyList<string> ClassNames { get; set; }

    /// <summary>All parameters, in the order of the layers.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The number of values that training changes.</summary>
    public long ParameterCount => Parameters.Sum(parameter => (long)parameter.Shape.Count);

    /// <summary>The seed of the initial values and of dropout.</summary>
    public ulong Seed { get; private set; }

    /// <summary>
    /// Fills every parameter by its initialiser, once its values are asked for. The same seed gives the same values on every machine.
    /// </summary>
    public void Initialize(ulong seed)
    {
        Seed = seed;
        for (int i = 0; i < Parameters.Count; i++)
            Parameters[i].Initialize(seed, (ulong)i);
    }

    /// <summary>
    /// Makes the network runnable: shapes for this batch size, neighbours fused, every buffer placed in one arena.
    /// </summary>
    /// <param name="backend">What computes; it must outlive the result.</param>
    /// <param name="batch">Examples per run.</param>
    /// <param name="phase">Whether a backward pass follows.</param>
    /// <param name="optimizer">
    /// What will update the parameters, if known: large dense layers then take its steps in their backward pass, and their weights'
    /// gradients take no memory. Null keeps the gradient of every parameter.
    /// </param>
    /// <exception cref="ShapeException">A size overflows; the message names the layer.</exception>
    /// <exception cref="InsufficientMemoryException">The plan needs more memory than the machine has; the message has the sum.</exception>
    public CompiledNetwork Compile(IBackend backend, int batch, Phase phase, Optimizer? optimizer = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        NetworkMemory.CheckAvailable(this, batch, phase, backend, optimizer);
        CompilationPlan plan = NetworkCompiler.Plan(this, batch, phase, backend.ElementType);
        return new CompiledNetwork(this, backend, plan, optimizer is { CanFuse: true });
    }

    /// <summary>Whether a layer takes a parameter's update in its backward pass, given an optimiser that allows it.</summary>
    internal static bool FusesUpdate(Layer layer, Parameter parameter) =>
        layer.CanUpdate(parameter) && parameter.Shape.Count >= SmallestFusedUpdate;

    // Below it a gradient stays in a core's own cache between its computation and its use.
    private const int SmallestFusedUpdate = 1 << 16;

    /// <summary>Layers, shapes, parameters, multiply-adds and memory for a batch size.</summary>
    /// <param name="batch">Examples per run.</param>
    /// <param name="backend">What will compute, so that its scratch memory counts too; null leaves that out.</param>
    /// <exception cref="NotSupportedException">The backend has to use an algorithm that cannot compute one of the convolutions.</exception>
    public NetworkSummary Summarize(int batch, IBackend? backend = null) => NetworkSummary.Of(this, batch, backend);

    /// <summary>The shapes that a node reads at a batch size.</summary>
    internal Shape[] InputShapes(NetworkNode node, int batch) =>
        [
            .. node.Inputs.Select(i =>
                (i == NetworkNode.NetworkInput ? InputShape : Nodes[i].OutputShape).WithBatch(batch)
            ),
        ];

    /// <summary>Frees the parameters' memory.</summary>
    public void Dispose()
    {
        foreach (Parameter parameter in Parameters)
            parameter.Free();
    }
}

/// <summary>A layer and where its inputs come from.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Inputs">Indices of earlier nodes; <see cref="NetworkInput"/> is the network's input.</param>
/// <param name="OutputShape">The output of one example.</param>
public sealed record NetworkNode(Layer Layer, IReadOnlyList<int> Inputs, Shape OutputShape)
{
    /// <summary>The index that stands for the network's input.</summary>
    public const int NetworkInput = -1;
}

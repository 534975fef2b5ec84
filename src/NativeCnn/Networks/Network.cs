using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Networks.Compilation;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>
/// An acyclic graph of layers and their parameters. It is a description: it runs
/// once it is compiled for a batch size and a backend.
/// </summary>
public sealed class Network : IDisposable
{
    private volatile bool _isDisposed;

    internal Network(
        string name,
        IReadOnlyList<Shape> inputShapes,
        IReadOnlyList<NetworkNode> nodes,
        IReadOnlyList<int> outputs
    )
    {
        Name = name;
        InputShapes = inputShapes;
        Nodes = nodes;
        Outputs = outputs;
        Parameters = [.. nodes.SelectMany(node => node.Layer.Parameters)];
    }

    /// <summary>What the network is called in files and reports.</summary>
    public string Name { get; }

    /// <summary>The inputs of one example, 1×H×W×C each.</summary>
    public IReadOnlyList<Shape> InputShapes { get; }

    /// <summary>The first input of one example.</summary>
    public Shape InputShape => InputShapes[0];

    /// <summary>Which nodes' outputs leave the network.</summary>
    public IReadOnlyList<int> Outputs { get; }

    /// <summary>The first output of one example.</summary>
    public Shape OutputShape => ShapeOf(Outputs[0]);

    /// <summary>The layers in an order in which they can run.</summary>
    public IReadOnlyList<NetworkNode> Nodes { get; }

    /// <summary>What the outputs are called, where they are classes; empty if nobody said.</summary>
    public IReadOnlyList<string> ClassNames { get; set; } = [];

    /// <summary>All parameters, in the order of the layers.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>
    /// The number of values that training changes, without those that a connection table keeps at 0.
    /// </summary>
    public long ParameterCount => CountOf(ParameterRole.Trained);

    /// <summary>The number of values that the network keeps besides, such as running averages.</summary>
    public long StateCount => CountOf(ParameterRole.State);

    /// <summary>The seed of the initial values and of dropout.</summary>
    public ulong Seed { get; private set; }

    /// <summary>
    /// Fills every parameter by its initialiser, once its values are asked for. The same seed gives the same values on
    /// every machine.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public void Initialize(ulong seed)
    {
        CheckOpen();
        Seed = seed;
        for (int i = 0; i < Parameters.Count; i++)
            Parameters[i].Initialize(seed, (ulong)i);
    }

    /// <summary>
    /// Makes the network runnable: shapes for this batch size, neighbours fused, kernels chosen, every buffer placed in
    /// one arena.
    /// </summary>
    /// <param name="backend">What computes; it must outlive the result.</param>
    /// <param name="batchSize">Examples per run.</param>
    /// <param name="phase">Whether a backward pass follows.</param>
    /// <param name="optimizer">
    /// What will update the parameters, if known: large dense layers then take its steps in their backward pass, and
    /// their weights' gradients take no memory.
    /// </param>
    /// <param name="keepsGradients">
    /// Whether every gradient is stored all the same, for whoever looks at all of them before the update; so without an
    /// optimiser.
    /// </param>
    /// <param name="order">
    /// What <see cref="CompiledNetwork.Backward"/> propagates: the gradient, or the diagonal of second derivatives
    /// where every layer has such a pass.
    /// </param>
    /// <param name="keepsPacked">
    /// Whether what kernels make of the parameters before they compute, such as transformed filters, is kept from run to
    /// run and made again only after the parameters changed: faster where few examples are run at a time, for up to four
    /// times the memory of the filters. At inference only; not so by default.
    /// </param>
    /// <exception cref="ObjectDisposedException">The network or the backend was disposed.</exception>
    /// <exception cref="ArgumentException">Packed parameters are to be kept in training.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The batch size is below 1.</exception>
    /// <exception cref="ShapeException">A size overflows; the message names the layer.</exception>
    /// <exception cref="InsufficientMemoryException">
    /// The plan needs more memory than the machine has; the message has the sum.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The backend has no kernel for an operation, or a layer no second-derivative pass; the message names the layer.
    /// </exception>
    public CompiledNetwork Compile(
        Backend backend,
        int batchSize,
        Phase phase,
        Optimizer? optimizer = null,
        bool keepsGradients = false,
        BackwardOrder order = BackwardOrder.Gradient,
        bool keepsPacked = false
    )
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (keepsPacked && phase == Phase.Training)
            throw new ArgumentException(
                "Training changes the parameters at every step: packed ones are kept at inference only.",
                nameof(keepsPacked)
            );
        CheckOpen();
        backend.CheckOpen();
        var options = new CompilationOptions(backend, batchSize, phase, optimizer, keepsGradients, order, keepsPacked);
        return new CompiledNetwork(NetworkMemory.PlanWithin(this, options));
    }

    /// <summary>Layers, shapes, parameters, multiply-adds and memory for a batch size.</summary>
    /// <param name="batchSize">Examples per run.</param>
    /// <param name="backend">What will compute, so that its scratch memory counts too; null leaves that out.</param>
    /// <exception cref="NotSupportedException">
    /// The backend has no kernel for an operation; the message names layer and operation.
    /// </exception>
    public NetworkSummary Summarize(int batchSize, Backend? backend = null) =>
        NetworkSummary.Of(this, batchSize, backend);

    /// <summary>The output of a node, or an input, of one example.</summary>
    internal Shape ShapeOf(int index) =>
        index >= 0 ? Nodes[index].OutputShape : InputShapes[NetworkNode.NetworkInput - index];

    /// <summary>
    /// Frees the parameters' memory: at once, or, where an operation of a compiled network uses it on another thread,
    /// when that has ended. Compiled networks refuse to run from then on.
    /// </summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (Parameter parameter in Parameters)
            parameter.Free();
    }

    private void CheckOpen()
    {
        if (_isDisposed)
            throw new ObjectDisposedException(Name, $"The network '{Name}' was disposed.");
    }

    private long CountOf(ParameterRole role) =>
        Parameters.Where(parameter => parameter.Role == role).Sum(parameter => (long)parameter.FreeCount);
}

/// <summary>A layer and where its inputs come from.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Inputs">
/// Indices of earlier nodes; <see cref="NetworkInput"/> is the network's first input, the numbers below it are the
/// others.
/// </param>
/// <param name="OutputShape">The output of one example.</param>
public sealed record NetworkNode(Layer Layer, IReadOnlyList<int> Inputs, Shape OutputShape)
{
    /// <summary>The index that stands for the network's first input.</summary>
    public const int NetworkInput = -1;
}

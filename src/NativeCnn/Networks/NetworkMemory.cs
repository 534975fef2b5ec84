using System.Globalization;
using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>The memory that a network takes once it runs, known before any of it is taken.</summary>
/// <param name="Parameters">Bytes of the parameters.</param>
/// <param name="Gradients">Bytes of the parameters' gradients that are stored; 0 at inference.</param>
/// <param name="OptimizerState">Bytes that the optimiser keeps, such as SGD's velocities; 0 without one.</param>
/// <param name="Input">Bytes of one batch of examples.</param>
/// <param name="Activations">Bytes of the arena: activations, their gradients, and what forward leaves for backward.</param>
/// <param name="Workspace">Bytes of scratch memory that the convolutions' algorithms share; it grows with the threads.</param>
public sealed record NetworkMemory(
    double Parameters,
    double Gradients,
    double OptimizerState,
    double Input,
    double Activations,
    double Workspace
)
{
    /// <summary>The sum.</summary>
    public double Total => Parameters + Gradients + OptimizerState + Input + Activations + Workspace;

    /// <summary>
    /// The memory at a batch size, however large: the arena grows with the batch, so it is planned for one example and multiplied.
    /// </summary>
    /// <exception cref="NotSupportedException">The backend has to use an algorithm that cannot compute one of the convolutions.</exception>
    public static NetworkMemory Of(
        Network network,
        int batch,
        Phase phase,
        IBackend backend,
        Optimizer? optimizer = null
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(backend);
        ElementType type = backend.ElementType;
        double values = network.ParameterCount;
        // Another element type than float32 brings copies of the parameters.
        double copies = type == ElementType.Float32 ? 0 : values * type.Size();
        return new NetworkMemory(
            values * sizeof(float) + copies,
            phase == Phase.Training ? CompiledNetwork.GradientBytes(network, type, optimizer is { CanFuse: true }) : 0,
            values * type.Size() * (optimizer?.StatePerParameter ?? 0),
            (double)network.InputShape.Count * type.Size() * batch,
            (double)NetworkCompiler.Plan(network, 1, phase, type).ArenaBytes * batch,
            WorkspaceBytes(network, batch, backend)
        );
    }

    /// <summary>The scratch memory of the network's convolutions; 0 where their sizes overflow, which no backend can plan.</summary>
    internal static long WorkspaceBytes(Network network, int batch, IBackend backend)
    {
        try
        {
            return backend.WorkspaceBytes(
                network.Nodes.SelectMany(node => node.Layer.Convolutions(network.InputShapes(node, batch)))
            );
        }
        catch (Exception e) when (e is ShapeException or OverflowException)
        {
            return 0;
        }
    }

    /// <summary>Refuses what the machine does not have or a tensor cannot hold, before any memory is taken.</summary>
    /// <exception cref="InsufficientMemoryException">The memory does not suffice; the message has the sum and its parts.</exception>
    /// <exception cref="ShapeException">A size overflows; the message names the layer and has the sum.</exception>
    public static void CheckAvailable(
        Network network,
        int batch,
        Phase phase,
        IBackend backend,
        Optimizer? optimizer = null
    )
    {
        NetworkMemory memory = Of(network, batch, phase, backend, optimizer);
        string purpose = phase == Phase.Training ? "training" : "inference";
        string what = string.Create(
            CultureInfo.InvariantCulture,
            $"Network '{network.Name}' at batch {batch} for {purpose}"
        );
        try
        {
            NetworkCompiler.Plan(network, batch, phase, backend.ElementType);
        }
        catch (ShapeException e) when (batch > 1)
        {
            throw new ShapeException(
                $"{e.Message} {what} would need {MemoryPlan.Megabytes(memory.Total)} MB ({memory.Describe()}).",
                e
            );
        }
        MemoryPlan.CheckAvailable(memory.Total, what, memory.Describe());
    }

    private string Describe()
    {
        (string Name, double Bytes)[] parts =
        [
            ("activations", Activations),
            ("input", Input),
            ("parameters", Parameters),
            ("gradients", Gradients),
            ("optimiser", OptimizerState),
            ("workspace", Workspace),
        ];
        return string.Join(
            " + ",
            parts.Where(p => p.Bytes > 0).Select(p => $"{p.Name} {MemoryPlan.Megabytes(p.Bytes)}")
        );
    }
}

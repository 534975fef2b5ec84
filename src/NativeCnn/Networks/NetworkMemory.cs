using System.Globalization;
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
/// <remarks>The algorithms' scratch memory is not part of it: some MB per thread.</remarks>
public sealed record NetworkMemory(
    double Parameters,
    double Gradients,
    double OptimizerState,
    double Input,
    double Activations
)
{
    /// <summary>The sum.</summary>
    public double Total => Parameters + Gradients + OptimizerState + Input + Activations;

    /// <summary>
    /// The memory at a batch size, however large: the arena grows with the batch, so it is planned for one example and multiplied.
    /// </summary>
    public static NetworkMemory Of(
        Network network,
        int batch,
        Phase phase,
        ElementType type,
        Optimizer? optimizer = null
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        double values = network.ParameterCount;
        // Another element type than float32 brings copies of the parameters.
        double copies = type == ElementType.Float32 ? 0 : values * type.Size();
        return new NetworkMemory(
            values * sizeof(float) + copies,
            phase == Phase.Training ? CompiledNetwork.GradientBytes(network, type, optimizer is { CanFuse: true }) : 0,
            values * type.Size() * (optimizer?.StatePerParameter ?? 0),
            (double)network.InputShape.Count * type.Size() * batch,
            (double)NetworkCompiler.Plan(network, 1, phase, type).ArenaBytes * batch
        );
    }

    /// <summary>Refuses what the machine does not have or a tensor cannot hold, before any memory is taken.</summary>
    /// <exception cref="InsufficientMemoryException">The memory does not suffice; the message has the sum and its parts.</exception>
    /// <exception cref="ShapeException">A size overflows; the message names the layer and has the sum.</exception>
    public static void CheckAvailable(
        Network network,
        int batch,
        Phase phase,
        ElementType type,
        Optimizer? optimizer = null
    )
    {
        NetworkMemory memory = Of(network, batch, phase, type, optimizer);
        string purpose = phase == Phase.Training ? "training" : "inference";
        string what = string.Create(
            CultureInfo.InvariantCulture,
            $"Network '{network.Name}' at batch {batch} for {purpose}"
        );
        try
        {
            NetworkCompiler.Plan(network, batch, phase, type);
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
        ];
        return string.Join(
            " + ",
            parts.Where(p => p.Bytes > 0).Select(p => $"{p.Name} {MemoryPlan.Megabytes(p.Bytes)}")
        );
    }
}

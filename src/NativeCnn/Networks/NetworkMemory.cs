using System.Globalization;
using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Networks.Compilation;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>The memory that a network takes once it runs, known before any of it is taken.</summary>
/// <param name="Parameters">Bytes of the parameters.</param>
/// <param name="Gradients">Bytes of the parameters' gradients that are stored; 0 at inference.</param>
/// <param name="OptimizerState">Bytes that the optimiser keeps, such as SGD's velocities; 0 without one.</param>
/// <param name="Input">Bytes of one batch of examples.</param>
/// <param name="Activations">
/// Bytes of the arena: activations, their gradients, and what forward leaves for backward.
/// </param>
/// <param name="Scratch">
/// Bytes of scratch memory that the kernels share, which grows with the threads, and of weights that are kept packed or
/// folded.
/// </param>
public sealed record NetworkMemory(
    double Parameters,
    double Gradients,
    double OptimizerState,
    double Input,
    double Activations,
    double Scratch
)
{
    /// <summary>The sum.</summary>
    public double Total => Parameters + Gradients + OptimizerState + Input + Activations + Scratch;

    /// <summary>
    /// The memory at a batch size, however large: the arena grows with the batch, so it is planned for one example and
    /// multiplied. Scratch memory counts 0 where a size overflows, for which there is no kernel.
    /// </summary>
    /// <exception cref="NotSupportedException">
    /// The backend has no kernel for an operation; the message names layer and operation.
    /// </exception>
    public static NetworkMemory Of(
        Network network,
        Backend backend,
        int batchSize,
        Phase phase,
        Optimizer? optimizer = null
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(backend);
        return Of(network, new CompilationOptions(backend, batchSize, phase, optimizer));
    }

    /// <summary>Refuses what the machine does not have or a tensor cannot hold, before any memory is taken.</summary>
    /// <exception cref="InsufficientMemoryException">
    /// The memory does not suffice; the message has the sum and its parts.
    /// </exception>
    /// <exception cref="ShapeException">A size overflows; the message names the layer and has the sum.</exception>
    /// <exception cref="NotSupportedException">
    /// The backend has no kernel for an operation; the message names layer and operation.
    /// </exception>
    public static void CheckAvailable(
        Network network,
        Backend backend,
        int batchSize,
        Phase phase,
        Optimizer? optimizer = null
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(backend);
        _ = PlanWithin(network, new CompilationOptions(backend, batchSize, phase, optimizer));
    }

    /// <summary>
    /// Plans a network, and refuses what the machine does not have or a tensor cannot hold before any memory is taken.
    /// </summary>
    /// <exception cref="InsufficientMemoryException">
    /// The memory does not suffice; the message has the sum and its parts.
    /// </exception>
    /// <exception cref="ShapeException">A size overflows; the message names the layer and has the sum.</exception>
    /// <exception cref="NotSupportedException">
    /// The backend has no kernel for an operation; the message names layer and operation.
    /// </exception>
    internal static CompilationPlan PlanWithin(Network network, CompilationOptions options)
    {
        string purpose = options.Phase == Phase.Training ? "training" : "inference";
        string what = string.Create(
            CultureInfo.InvariantCulture,
            $"Network '{network.Name}' at batch {options.BatchSize} for {purpose}"
        );
        CompilationPlan plan;
        try
        {
            plan = NetworkCompiler.Plan(network, options);
        }
        catch (ShapeException e) when (options.BatchSize > 1)
        {
            NetworkMemory needed = Of(network, options);
            throw new ShapeException(
                $"{e.Message} {what} would need {MemoryPlan.Megabytes(needed.Total)} MB ({needed.Describe()}).",
                e
            );
        }
        NetworkMemory memory = Of(plan, 1, ScratchBytes(plan));
        MemoryPlan.CheckAvailable(memory.Total, what, memory.Describe());
        return plan;
    }

    private static NetworkMemory Of(Network network, CompilationOptions options)
    {
        CompilationPlan one = NetworkCompiler.Plan(network, options with { BatchSize = 1 });
        long scratch;
        try
        {
            scratch = ScratchBytes(NetworkCompiler.Plan(network, options));
        }
        catch (Exception e) when (e is ShapeException or OverflowException)
        {
            scratch = 0;
        }
        return Of(one, options.BatchSize, scratch);
    }

    // The plan's memory, with what grows with the batch taken several times.
    private static NetworkMemory Of(CompilationPlan plan, int times, double scratch)
    {
        ParameterSymbols symbols = plan.Program.Parameters;
        IReadOnlyList<Parameter> parameters = plan.Network.Parameters;
        // Another element type than float32 brings copies of the parameters.
        ElementType type = plan.Options.Backend.ElementType;
        double copies = type == ElementType.Float32 ? 0 : type.Size();
        return new NetworkMemory(
            parameters.Sum(parameter => parameter.Shape.Count * (sizeof(float) + copies)),
            parameters.Sum(parameter => symbols.StoredGradient(parameter)?.ByteCount ?? 0),
            symbols.Updates.Sum(update => update.States.Sum(state => state.ByteCount)),
            (double)plan.Program.Inputs.Sum(input => input.ByteCount) * times,
            (double)plan.Placement.ByteCount * times,
            scratch
        );
    }

    // Kernels of one backend share their scratch memory.
    private static long ScratchBytes(CompilationPlan plan) =>
        plan.Program.Calls.Select(call => call.Plan(plan.Options.Backend, plan.Options.KeepsPacked))
            .GroupBy(kernel => kernel.Backend)
            .Sum(kernels =>
                kernels.Key.Threads * kernels.Max(kernel => kernel.Scratch.BytesPerThread)
                + kernels.Max(kernel => kernel.Scratch.SharedBytes)
                + kernels.Sum(kernel => kernel.KeptBytes)
            ) + plan.Program.Prepared.Sum(symbol => symbol.ByteCount);

    private string Describe()
    {
        (string Name, double Bytes)[] parts =
        [
            ("activations", Activations),
            ("input", Input),
            ("parameters", Parameters),
            ("gradients", Gradients),
            ("optimiser", OptimizerState),
            ("scratch", Scratch),
        ];
        return string.Join(
            " + ",
            parts.Where(p => p.Bytes > 0).Select(p => $"{p.Name} {MemoryPlan.Megabytes(p.Bytes)}")
        );
    }
}

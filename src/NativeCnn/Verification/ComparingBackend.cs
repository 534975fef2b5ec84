using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Verification;

/// <summary>
/// Computes as a reference does, and each operation on other backends too, from the same values: what they differ by is
/// this operation's alone.
/// </summary>
/// <param name="reference">Whose results the network goes on with.</param>
/// <param name="others">What is compared with it.</param>
internal sealed class ComparingBackend(Backend reference, IReadOnlyList<Backend> others) : Backend
{
    private readonly List<ComparingKernel> _compared = [];

    /// <summary>The reference's.</summary>
    public override string Name => reference.Name;

    /// <inheritdoc/>
    public override ElementType ElementType => reference.ElementType;

    /// <inheritdoc/>
    public override int Threads => reference.Threads;

    /// <summary>The training step under way, from 1.</summary>
    public int Step { get; set; }

    /// <summary>How many units of rounding are allowed.</summary>
    public required double AllowedUnits { get; init; }

    /// <summary>The kernels that ran, in the order in which they first did.</summary>
    public IReadOnlyList<ComparingKernel> Compared => _compared;

    /// <exception cref="NotSupportedException">One of the backends has no kernel for it.</exception>
    public override Kernel? Plan(Operation operation) =>
        new ComparingKernel(
            this,
            operation,
            KernelOf(reference, operation),
            [.. others.Select(o => KernelOf(o, operation))],
            [.. others.Select(o => o.Name)]
        );

    internal void Add(ComparingKernel kernel) => _compared.Add(kernel);

    private static Kernel KernelOf(Backend backend, Operation operation) =>
        backend.Plan(operation)
        ?? throw new NotSupportedException($"The backend '{backend.Name}' has no kernel for {operation}.");
}

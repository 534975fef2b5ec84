using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

/// <summary>
/// The specification of every operation: plain loops beside their formulas, computed in float64 and rounded once to the
/// element type. No native code, no intrinsics, one thread. What is fast is compared with this.
/// </summary>
/// <remarks>
/// With <see cref="ElementType.Float64"/> nothing is ever rounded to single precision, which is what a gradient check
/// by differences needs. The kernels are in files named as the operations'; each adds itself to the registry.
/// </remarks>
public sealed partial class ManagedBackend : Backend
{
    // Not initialised here: the parts of this class add to it in an order that the compiler chooses.
    private static KernelRegistry<ManagedBackend>? kernels;

    /// <summary>A backend whose tensors hold <paramref name="elementType"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// Neither <see cref="ElementType.Float32"/> nor <see cref="ElementType.Float64"/>.
    /// </exception>
    public ManagedBackend(ElementType elementType = ElementType.Float32)
    {
        if (elementType is not (ElementType.Float32 or ElementType.Float64))
            throw new ArgumentOutOfRangeException(
                nameof(elementType),
                elementType,
                "A backend computes in Float32 or Float64."
            );
        ElementType = elementType;
    }

    /// <inheritdoc/>
    public override string Name => "managed";

    /// <inheritdoc/>
    public override ElementType ElementType { get; }

    /// <inheritdoc/>
    public override int Threads => 1;

    /// <inheritdoc/>
    public override Backend CreateForOneThread() => new ManagedBackend(ElementType);

    /// <summary>The types of the operations that it computes.</summary>
    internal static IEnumerable<Type> Operations => kernels!.Operations;

    /// <inheritdoc/>
    public override Kernel? Plan(Operation operation) => kernels!.Create(this, operation);

    // Adds an operation to the registry; the result is what a static field can be initialised with.
    private static bool Provide<TOperation>(Func<ManagedBackend, TOperation, Kernel?> create)
        where TOperation : Operation
    {
        (kernels ??= new KernelRegistry<ManagedBackend>()).Add(create);
        return true;
    }
}

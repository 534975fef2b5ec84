using System.Runtime.CompilerServices;
using NativeCnn.Tensors;

namespace NativeCnn.Backends;

/// <summary>
/// The argument checks of every operation of <see cref="IBackend"/>, the same for all backends: one method per operation,
/// named like it, in a file per family. Nothing is allocated unless a check fails.
/// </summary>
internal static partial class OperationChecks
{
    /// <summary>The types that activations, parameters and gradients can have.</summary>
    public static ElementType FloatingPoint(ElementType type) =>
        type is ElementType.Float32 or ElementType.Float64
            ? type
            : throw new ArgumentOutOfRangeException(nameof(type), type, "A backend computes in Float32 or Float64.");

    private static void Expect(
        Tensor tensor,
        ElementType type,
        [CallerArgumentExpression(nameof(tensor))] string name = "",
        [CallerMemberName] string operation = ""
    )
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (tensor.Type != type)
            throw new ShapeException($"{operation}: {name} is {tensor}; expected {type} {tensor.Shape}.");
    }

    private static void Expect(
        Tensor tensor,
        Shape shape,
        ElementType type,
        [CallerArgumentExpression(nameof(tensor))] string name = "",
        [CallerMemberName] string operation = ""
    )
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (tensor.Shape != shape || tensor.Type != type)
            throw new ShapeException($"{operation}: {name} is {tensor}; expected {type} {shape}.");
    }

    /// <summary>Refuses a tensor that is written and shares memory with one that is read.</summary>
    private static void Apart(
        Tensor written,
        Tensor? read,
        [CallerArgumentExpression(nameof(written))] string writtenName = "",
        [CallerArgumentExpression(nameof(read))] string readName = "",
        [CallerMemberName] string operation = ""
    )
    {
        if (read is not null && Overlap(written, read))
            throw new ArgumentException($"{operation}: {writtenName} shares memory with {readName}.", writtenName);
    }

    /// <summary>As <see cref="Apart"/>, but the two may be the same memory: the operation works in place.</summary>
    private static unsafe void SameOrApart(
        Tensor written,
        Tensor read,
        [CallerArgumentExpression(nameof(written))] string writtenName = "",
        [CallerArgumentExpression(nameof(read))] string readName = "",
        [CallerMemberName] string operation = ""
    )
    {
        if (written.Pointer != read.Pointer && Overlap(written, read))
            throw new ArgumentException(
                $"{operation}: {writtenName} partly shares memory with {readName}.",
                writtenName
            );
    }

    private static unsafe bool Overlap(Tensor a, Tensor b)
    {
        byte* first = (byte*)a.Pointer;
        byte* second = (byte*)b.Pointer;
        return first < second + b.ByteCount && second < first + a.ByteCount;
    }
}

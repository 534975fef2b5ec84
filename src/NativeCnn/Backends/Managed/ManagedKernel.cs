using System.Numerics;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

/// <summary>A kernel of the specification, in either element type.</summary>
internal abstract class ManagedKernel<TOperation>(ManagedBackend backend, TOperation operation)
    : Kernel(backend, operation)
    where TOperation : Operation
{
    /// <summary>What it computes.</summary>
    protected new TOperation Operation => (TOperation)base.Operation;

    protected internal sealed override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        if (Backend.ElementType == ElementType.Float32)
            Compute<float>(operands, scalars);
        else
            Compute<double>(operands, scalars);
    }

    /// <summary>
    /// Computes the operation on tensors of <typeparamref name="T"/>; operands that are not wanted are null.
    /// </summary>
    protected abstract void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>The elements of an operand; none where it is not wanted.</summary>
    protected static Span<T> Elements<T>(Tensor? operand)
        where T : unmanaged => operand is null ? default : operand.AsSpan<T>();

    /// <summary>An element as float64, in which every formula is computed.</summary>
    protected static double Wide<T>(T value)
        where T : unmanaged, IFloatingPointIeee754<T> => double.CreateTruncating(value);

    /// <summary>All elements as float64, once, for operations that read each of them many times.</summary>
    protected static ReadOnlySpan<double> Widen<T>(Tensor? operand)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> values = Elements<T>(operand);
        var wide = new double[values.Length];
        for (int k = 0; k < wide.Length; k++)
            wide[k] = Wide(values[k]);
        return wide;
    }

    /// <summary>A result rounded to the nearest element.</summary>
    protected static T Round<T>(double value)
        where T : unmanaged, IFloatingPointIeee754<T> => T.CreateTruncating(value);
}

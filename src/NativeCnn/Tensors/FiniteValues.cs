using System.Numerics;
using System.Runtime.InteropServices;

namespace NativeCnn.Tensors;

/// <summary>Looks for NaN and infinity, at the speed of memory where there is none.</summary>
internal static class FiniteValues
{
    /// <summary>The place of the first value that is not finite; null if all are, or if they are no fractions.</summary>
    public static int? FirstOther(Tensor tensor)
    {
        using TensorHold hold = tensor.Hold();
        return tensor.Type switch
        {
            ElementType.Float32 => FirstOther<float>(tensor.AsSpan<float>()),
            ElementType.Float64 => FirstOther<double>(tensor.AsSpan<double>()),
            _ => null,
        };
    }

    /// <summary>The place of the first value that is not finite, or null.</summary>
    public static int? FirstOther<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // 0 · x is 0 for what is finite and NaN for the rest, and a NaN stays in a sum.
        Vector<T> zeros = Vector<T>.Zero;
        foreach (Vector<T> several in MemoryMarshal.Cast<T, Vector<T>>(values))
            zeros += several * Vector<T>.Zero;
        int last = values.Length % Vector<T>.Count;
        if (Vector.EqualsAll(zeros, Vector<T>.Zero) && IndexOfOther(values[^last..]) < 0)
            return null;
        return IndexOfOther(values);
    }

    private static int IndexOfOther<T>(ReadOnlySpan<T> values)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!T.IsFinite(values[i]))
                return i;
        }
        return -1;
    }
}

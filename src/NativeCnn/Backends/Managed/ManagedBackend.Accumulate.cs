using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    /// <inheritdoc/>
    public void Accumulate(Tensor values, Tensor accumulator)
    {
        OperationChecks.Accumulate(values, accumulator, ElementType);
        if (IsFloat32)
            Accumulate<float>(values, accumulator);
        else
            Accumulate<double>(values, accumulator);
    }

    // a += v
    private static void Accumulate<T>(Tensor values, Tensor accumulator)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> v = values.AsSpan<T>();
        Span<T> a = accumulator.AsSpan<T>();
        for (int k = 0; k < a.Length; k++)
            a[k] += v[k];
    }
}

using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

/// <summary>
/// The specification of every operation: plain loops beside their formulas, computed in float64 and rounded once to the
/// element type. No native code, no intrinsics, one thread. What is fast is compared with this.
/// </summary>
/// <remarks>
/// With <see cref="ElementType.Float64"/> nothing is ever rounded to single precision, which is what a gradient check by
/// differences needs.
/// </remarks>
public sealed partial class ManagedBackend : IBackend
{
    /// <summary>A backend whose tensors hold <paramref name="elementType"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Neither <see cref="ElementType.Float32"/> nor <see cref="ElementType.Float64"/>.</exception>
    public ManagedBackend(ElementType elementType = ElementType.Float32) =>
        ElementType = OperationChecks.FloatingPoint(elementType);

    /// <inheritdoc/>
    public string Name => "managed";

    /// <inheritdoc/>
    public ElementType ElementType { get; }

    /// <inheritdoc/>
    public int Threads => 1;

    private bool IsFloat32 => ElementType == ElementType.Float32;

    /// <summary>Does nothing: this backend holds no resources.</summary>
    public void Dispose() { }

    /// <summary>An element as float64, in which every formula is computed.</summary>
    private static double Wide<T>(T value)
        where T : unmanaged, IFloatingPointIeee754<T> => double.CreateTruncating(value);

    /// <summary>All elements as float64, once, for operations that read each of them many times.</summary>
    private static ReadOnlySpan<double> Widen<T>(Tensor tensor)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> values = tensor.AsSpan<T>();
        var wide = new double[values.Length];
        for (int k = 0; k < wide.Length; k++)
            wide[k] = Wide(values[k]);
        return wide;
    }

    /// <summary>A result rounded to the nearest element.</summary>
    private static T Round<T>(double value)
        where T : unmanaged, IFloatingPointIeee754<T> => T.CreateTruncating(value);
}

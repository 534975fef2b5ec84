namespace NativeCnn.Tensors;

/// <summary>What one element of a <see cref="Tensor"/> is.</summary>
public enum ElementType
{
    /// <summary>IEEE single precision: activations, parameters and gradients.</summary>
    Float32,

    /// <summary>IEEE double precision: what a gradient check computes in.</summary>
    Float64,

    /// <summary>Unsigned 8-bit: the place of a maximum in a window of up to 256 places.</summary>
    Byte,

    /// <summary>Unsigned 16-bit: the place of a maximum in a larger window.</summary>
    UInt16,

    /// <summary>Signed 32-bit: the index of a class.</summary>
    Int32,
}

/// <summary>Sizes of <see cref="ElementType"/>s.</summary>
public static class ElementTypes
{
    /// <summary>The bytes of one element.</summary>
    public static int Size(this ElementType type) =>
        type switch
        {
            ElementType.Float32 => sizeof(float),
            ElementType.Float64 => sizeof(double),
            ElementType.Byte => sizeof(byte),
            ElementType.UInt16 => sizeof(ushort),
            ElementType.Int32 => sizeof(int),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type."),
        };

    /// <summary>The element type that holds values of <typeparamref name="T"/>.</summary>
    public static ElementType Of<T>()
        where T : unmanaged =>
        default(T) switch
        {
            float => ElementType.Float32,
            double => ElementType.Float64,
            byte => ElementType.Byte,
            ushort => ElementType.UInt16,
            int => ElementType.Int32,
            _ => throw new ArgumentException($"A tensor cannot hold {typeof(T).Name}."),
        };
}

namespace NativeCnn.Tensors;

/// <summary>One block of native memory from which tensors are cut at offsets that a memory plan chose.</summary>
public sealed class Arena : IDisposable
{
    private readonly NativeBuffer _buffer;

    /// <summary>An arena of <paramref name="bytes"/> zeroed bytes.</summary>
    public Arena(long bytes) => _buffer = new NativeBuffer(Math.Max(bytes, 1));

    /// <summary>The size.</summary>
    public long ByteCount => _buffer.ByteCount;

    /// <summary>
    /// A tensor at a byte offset, which must be a multiple of 64. Tensors may overlap: the plan says when each is
    /// alive.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The tensor does not lie in the arena on a 64-byte boundary.
    /// </exception>
    public Tensor At(long offset, Shape shape, ElementType type = ElementType.Float32)
    {
        if (offset % NativeBuffer.Alignment != 0)
            throw new ArgumentOutOfRangeException(nameof(offset), $"Byte {offset} is not on a 64-byte boundary.");
        return new Tensor(shape, type, _buffer, offset);
    }

    /// <summary>Frees the memory; every tensor cut from it is then unusable.</summary>
    public void Dispose() => _buffer.Dispose();
}

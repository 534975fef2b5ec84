using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

/// <summary>
/// Scratch memory: one private block per worker, and one that all share. It grows when an operation is planned and never
/// while one runs; its content means nothing from one operation to the next.
/// </summary>
internal sealed unsafe class Workspace(int workers) : IDisposable
{
    private readonly NativeBuffer?[] _private = new NativeBuffer?[workers];
    private NativeBuffer? _shared;

    /// <summary>The bytes held.</summary>
    public long ByteCount => _private.Sum(buffer => buffer?.ByteCount ?? 0) + (_shared?.ByteCount ?? 0);

    /// <summary>Makes each worker's block hold at least so many floats.</summary>
    public void ReservePrivate(long floats)
    {
        for (int i = 0; i < _private.Length; i++)
            Grow(ref _private[i], floats);
    }

    /// <summary>Makes the shared block hold at least so many floats.</summary>
    public void ReserveShared(long floats) => Grow(ref _shared, floats);

    /// <summary>A worker's block.</summary>
    public float* Private(int worker) => (float*)_private[worker]!.Pointer;

    /// <summary>The shared block.</summary>
    public float* Shared => (float*)_shared!.Pointer;

    public void Dispose()
    {
        foreach (NativeBuffer? buffer in _private)
            buffer?.Dispose();
        _shared?.Dispose();
    }

    private static void Grow(ref NativeBuffer? buffer, long floats)
    {
        long bytes = Math.Max(floats, 1) * sizeof(float);
        if (buffer is not null && buffer.ByteCount >= bytes)
            return;
        buffer?.Dispose();
        buffer = new NativeBuffer(bytes);
    }
}

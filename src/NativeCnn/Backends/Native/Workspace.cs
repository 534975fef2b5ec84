using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

/// <summary>
/// The scratch memory that the kernels of a backend share: one private block per worker, and one for all. It grows when
/// a kernel is reserved and never while one runs.
/// </summary>
/// <param name="workers">How many private blocks.</param>
internal sealed unsafe class Workspace(int workers) : IDisposable
{
    private readonly NativeBuffer?[] _private = new NativeBuffer?[workers];
    private NativeBuffer? _shared;

    /// <summary>How many private blocks.</summary>
    public int Workers => _private.Length;

    /// <summary>The bytes held.</summary>
    public long ByteCount => _private.Sum(buffer => buffer?.ByteCount ?? 0) + (_shared?.ByteCount ?? 0);

    /// <summary>Makes each worker's block and the shared one hold at least so many floats.</summary>
    public void Reserve(long privateFloats, long sharedFloats)
    {
        for (int i = 0; i < _private.Length; i++)
            Grow(ref _private[i], privateFloats);
        Grow(ref _shared, sharedFloats);
    }

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
        long bytes = checked(floats * sizeof(float));
        if (bytes <= (buffer?.ByteCount ?? 0))
            return;
        // The old one stays where there is no memory for the new one.
        var grown = new NativeBuffer(bytes);
        buffer?.Dispose();
        buffer = grown;
    }
}

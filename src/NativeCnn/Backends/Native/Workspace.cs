using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

/// <summary>
/// Scratch memory: one private block per worker, and one that all share. It grows when an operation is planned and never
/// while one runs; its content means nothing from one operation to the next.
/// </summary>
/// <param name="workers">How many private blocks.</param>
/// <param name="isMeasure">Whether it only adds up what is reserved and takes no memory: plans may be made in it, but not run.</param>
internal sealed unsafe class Workspace(int workers, bool isMeasure = false) : IDisposable
{
    private readonly NativeBuffer?[] _private = new NativeBuffer?[workers];
    private NativeBuffer? _shared;
    private long _privateBytes;
    private long _sharedBytes;

    /// <summary>The bytes held, or those that would be.</summary>
    public long ByteCount => _private.Length * _privateBytes + _sharedBytes;

    /// <summary>Makes each worker's block hold at least so many floats.</summary>
    public void ReservePrivate(long floats)
    {
        if (!Grow(ref _privateBytes, floats))
            return;
        for (int i = 0; i < _private.Length; i++)
            Replace(ref _private[i], _privateBytes);
    }

    /// <summary>Makes the shared block hold at least so many floats.</summary>
    public void ReserveShared(long floats)
    {
        if (Grow(ref _sharedBytes, floats))
            Replace(ref _shared, _sharedBytes);
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

    // Whether memory has to follow.
    private bool Grow(ref long held, long floats)
    {
        long bytes = Math.Max(floats, 1) * sizeof(float);
        if (held >= bytes)
            return false;
        held = bytes;
        return !isMeasure;
    }

    private static void Replace(ref NativeBuffer? buffer, long bytes)
    {
        buffer?.Dispose();
        buffer = new NativeBuffer(bytes);
    }
}

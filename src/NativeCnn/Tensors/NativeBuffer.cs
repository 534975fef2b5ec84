using System.Globalization;
using System.Runtime.InteropServices;

namespace NativeCnn.Tensors;

/// <summary>A block of zeroed native memory on a 64-byte boundary (a cache line, and an AVX-512 vector).</summary>
/// <remarks>
/// Large blocks come zeroed from the system, which gives a page when it is first touched: by the thread that will
/// compute with it, near that thread's processor, and on several threads at once.
/// </remarks>
internal sealed unsafe class NativeBuffer : SafeHandle
{
    /// <summary>The boundary on which every buffer, and every tensor in an arena, starts.</summary>
    public const int Alignment = 64;

    // Rounding it up to the boundary does not overflow.
    private const long MaxBytes = long.MaxValue - 2 * Alignment;

    private readonly void* _allocated;
    private long _version;

    public NativeBuffer(long bytes)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, MaxBytes);
        // Beyond this the system would promise the memory all the same, and end the process when it is touched.
        if (bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
            throw Insufficient(bytes, null);
        try
        {
            _allocated = NativeMemory.AllocZeroed((nuint)Align(bytes) + Alignment);
        }
        catch (OutOfMemoryException e)
        {
            throw Insufficient(bytes, e);
        }
        SetHandle((nint)Align((long)_allocated));
        ByteCount = bytes;
        GC.AddMemoryPressure(bytes);
    }

    public long ByteCount { get; }

    /// <summary>Another number after every write by the engine and after every span that was given away.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>The content may be another from here on.</summary>
    public void MarkWritten() => Interlocked.Increment(ref _version);

    public byte* Pointer => (byte*)handle;

    public override bool IsInvalid => handle == 0;

    /// <summary>The next multiple of <see cref="Alignment"/>.</summary>
    public static long Align(long bytes) => checked(bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Keeps the memory until <see cref="SafeHandle.DangerousRelease"/>.</summary>
    /// <exception cref="ObjectDisposedException">It was freed.</exception>
    public void Hold()
    {
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
        }
        catch (ObjectDisposedException)
        {
            throw new ObjectDisposedException(nameof(Tensor), "The tensor's memory was freed.");
        }
    }

    private static InsufficientMemoryException Insufficient(long bytes, Exception? cause) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{bytes / 1048576.0:N1} MB of memory could not be had. Use a smaller batch or model."
            ),
            cause
        );

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free(_allocated);
        GC.RemoveMemoryPressure(ByteCount);
        return true;
    }
}

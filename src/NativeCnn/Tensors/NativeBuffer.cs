using System.Runtime.InteropServices;

namespace NativeCnn.Tensors;

/// <summary>A block of zeroed native memory on a 64-byte boundary (a cache line, and an AVX-512 vector).</summary>
internal sealed unsafe class NativeBuffer : SafeHandle
{
    /// <summary>The boundary on which every buffer, and every tensor in an arena, starts.</summary>
    public const int Alignment = 64;

    public NativeBuffer(long bytes)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        nuint size = (nuint)Align(bytes);
        void* memory;
        try
        {
            memory = NativeMemory.AlignedAlloc(size, Alignment);
        }
        catch (OutOfMemoryException e)
        {
            throw new InsufficientMemoryException(
                $"{bytes / 1048576.0:N1} MB of memory could not be had. Use a smaller batch or model.",
                e
            );
        }
        NativeMemory.Clear(memory, size);
        SetHandle((nint)memory);
        ByteCount = bytes;
        GC.AddMemoryPressure(bytes);
    }

    public long ByteCount { get; }

    public byte* Pointer => (byte*)handle;

    public override bool IsInvalid => handle == 0;

    /// <summary>The next multiple of <see cref="Alignment"/>.</summary>
    public static long Align(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        GC.RemoveMemoryPressure(ByteCount);
        return true;
    }
}

using System.Runtime.InteropServices;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>How a tensor lies in memory: oneDNN's memory descriptor, owned or lent by a primitive's description.</summary>
internal sealed unsafe class MemoryDescription : SafeHandle
{
    private readonly Action<nint>? _free;

    /// <summary>A description at an address.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="free">How it is freed; null where it is lent.</param>
    public MemoryDescription(nint address, Action<nint>? free)
        : base(0, ownsHandle: free is not null)
    {
        _free = free;
        SetHandle(address);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The address.</summary>
    public void* Pointer => (void*)handle;

    /// <summary>Floats that the tensor takes, padding included.</summary>
    public long Floats
    {
        get
        {
            long bytes = checked((long)Native.dnnl_memory_desc_get_size(Pointer));
            GC.KeepAlive(this);
            return (bytes + sizeof(float) - 1) / sizeof(float);
        }
    }

    /// <summary>Whether both lie alike.</summary>
    public bool IsAs(MemoryDescription other)
    {
        bool isSame = Native.dnnl_memory_desc_equal(Pointer, other.Pointer) == 1;
        GC.KeepAlive(this);
        GC.KeepAlive(other);
        return isSame;
    }

    protected override bool ReleaseHandle()
    {
        _free!(handle);
        return true;
    }
}

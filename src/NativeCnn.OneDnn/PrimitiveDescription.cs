using System.Runtime.InteropServices;
using NativeCnn.Interop;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>What a primitive is to be: oneDNN's primitive descriptor.</summary>
internal sealed unsafe class PrimitiveDescription : SafeHandle
{
    public PrimitiveDescription(void* address)
        : base(0, ownsHandle: true) => SetHandle((nint)address);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The address.</summary>
    public void* Pointer => (void*)handle;

    /// <summary>The name of the implementation, such as <c>jit:avx512_core</c>.</summary>
    public string Implementation
    {
        get
        {
            byte* text = null;
            int status = Native.dnnl_primitive_desc_query(
                Pointer,
                (int)dnnl_constant.dnnl_query_impl_info_str,
                0,
                &text
            );
            OneDnnException.Check(status, nameof(Native.dnnl_primitive_desc_query));
            string name = Marshal.PtrToStringUTF8((nint)text) ?? "";
            GC.KeepAlive(this);
            return name;
        }
    }

    /// <summary>
    /// Whether it is oneDNN's plain loops (<c>ref:any</c>, <c>lrn_ref:any</c>), which are there to be right and are slower
    /// than anything else.
    /// </summary>
    public bool IsReference => Implementation.Split(':', '_').Contains("ref");

    /// <summary>Floats of scratch memory that each run under way needs.</summary>
    public long ScratchFloats
    {
        get
        {
            MemoryDescription scratch = LayoutOf(dnnl_constant.dnnl_query_scratchpad_md);
            long floats = scratch.IsInvalid ? 0 : scratch.Floats;
            // What it lends lives as long as it does.
            GC.KeepAlive(this);
            return floats;
        }
    }

    /// <summary>The layout that it has chosen for one of its tensors; lent as long as this lives.</summary>
    public MemoryDescription LayoutOf(dnnl_constant query)
    {
        var layout = new MemoryDescription(
            (nint)Native.dnnl_primitive_desc_query_md(Pointer, (int)query, 0),
            free: null
        );
        GC.KeepAlive(this);
        return layout;
    }

    protected override bool ReleaseHandle() =>
        Native.dnnl_primitive_desc_destroy((void*)handle) == (int)dnnl_constant.dnnl_success;
}

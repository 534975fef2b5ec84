using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>A copy of filters from one layout into another, on the calling thread.</summary>
internal sealed unsafe class FilterReorder(OneDnnApi library, MemoryDescription from, MemoryDescription to)
{
    private readonly PrimitiveDescription _description = library.Reorder(from, to);
    private Primitive? _primitive;

    /// <summary>Floats of scratch memory that it needs.</summary>
    public long ScratchFloats => _description.ScratchFloats;

    /// <summary>Makes the primitive, once.</summary>
    /// <param name="workers">How many may copy at a time.</param>
    public void Create(int workers) =>
        _primitive ??= new Primitive(
            library,
            _description,
            workers,
            new PrimitiveOperand(Native.ONEDNN_SOURCE, from),
            new PrimitiveOperand(Native.ONEDNN_DESTINATION, to)
        );

    /// <summary>Copies.</summary>
    public void Run(int worker, float* scratch, float* source, float* destination) =>
        _primitive!.Run(worker, scratch, (nint)source, (nint)destination);
}

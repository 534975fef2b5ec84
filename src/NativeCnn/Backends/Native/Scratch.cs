namespace NativeCnn.Backends.Native;

/// <summary>
/// The part of a backend's <see cref="Workspace"/> that one kernel uses: what it needs is added up when the kernel is
/// made, and taken when the kernel is reserved. Its content means nothing from one run to the next.
/// </summary>
internal sealed unsafe class Scratch(Workspace workspace, int threads)
{
    private long _private;
    private long _shared;

    /// <summary>What the kernel needs.</summary>
    public ScratchSize Size => new(_private * sizeof(float), SharedFloats * sizeof(float));

    /// <summary>What the kernel makes of its weights.</summary>
    public PackedWeights Packed { get; } = new();

    private long SharedFloats => _shared + Packed.ScratchFloats;

    /// <summary>Each worker's block holds at least so many floats.</summary>
    public void RequirePrivate(long floats) => _private = Math.Max(_private, floats);

    /// <summary>The block that all workers share holds at least so many floats.</summary>
    public void RequireShared(long floats) => _shared = Math.Max(_shared, floats);

    /// <summary>Takes the memory.</summary>
    public void Reserve()
    {
        workspace.Reserve(_private, SharedFloats);
        Packed.Reserve();
    }

    /// <summary>A worker's block; null where nothing was required.</summary>
    public float* Private(int worker) => _private > 0 ? workspace.Private(worker) : null;

    /// <summary>The shared block.</summary>
    public float* Shared => workspace.Shared + Packed.ScratchFloats;

    /// <summary>What was packed of a group's weights, or where it is to be.</summary>
    public float* PackedOf(int group) => Packed.Of(group, Packed.IsKept ? null : workspace.Shared);

    /// <summary>Fills it with NaN, so that a kernel that reads what it did not write shows.</summary>
    public void Poison()
    {
        for (int worker = 0; _private > 0 && worker < threads; worker++)
            new Span<float>(Private(worker), (int)Math.Min(_private, int.MaxValue)).Fill(float.NaN);
        if (SharedFloats > 0)
            new Span<float>(workspace.Shared, (int)Math.Min(SharedFloats, int.MaxValue)).Fill(float.NaN);
    }
}

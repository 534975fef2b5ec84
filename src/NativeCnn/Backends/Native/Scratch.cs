namespace NativeCnn.Backends.Native;

/// <summary>
/// The part of a backend's <see cref="Workspace"/> that one kernel uses: what it needs is added up when the kernel is
/// made, and taken when the kernel is reserved. Its content means nothing from one run to the next.
/// </summary>
internal sealed unsafe class Scratch(Workspace workspace)
{
#if DEBUG
    // Behind each block, and looked at after every run.
    private const int GuardFloats = 64;
    private const float Guard = 8128;
#else
    private const int GuardFloats = 0;
#endif

    private long _private;
    private long _shared;

    /// <summary>What the kernel needs.</summary>
    public ScratchSize Size => new(Guarded(_private) * sizeof(float), Guarded(SharedFloats) * sizeof(float));

    /// <summary>What the kernel makes of its weights.</summary>
    public PackedWeights Packed { get; } = new();

    private long SharedFloats => _shared + Packed.ScratchFloats;

    // With what lies behind a block, if there is one.
    private static long Guarded(long floats) => floats > 0 ? floats + GuardFloats : 0;

    /// <summary>Each worker's block holds at least so many floats.</summary>
    public void RequirePrivate(long floats) => _private = Math.Max(_private, floats);

    /// <summary>The block that all workers share holds at least so many floats.</summary>
    public void RequireShared(long floats) => _shared = Math.Max(_shared, floats);

    /// <summary>Takes the memory.</summary>
    public void Reserve()
    {
        workspace.Reserve(Guarded(_private), Guarded(SharedFloats));
        Packed.Reserve();
    }

    /// <summary>A worker's block; null where nothing was required.</summary>
    public float* Private(int worker) => _private > 0 ? workspace.Private(worker) : null;

    /// <summary>The shared block.</summary>
    public float* Shared => workspace.Shared + Packed.ScratchFloats;

    /// <summary>What was packed of a group's weights, or where it is to be.</summary>
    public float* PackedOf(int group) => Packed.Of(group, Packed.IsKept ? null : workspace.Shared);

#if DEBUG
    /// <summary>Fills it with NaN, so that a kernel that reads what it did not write shows.</summary>
    public void Poison()
    {
        for (int worker = 0; _private > 0 && worker < workspace.Workers; worker++)
            Poison(workspace.Private(worker), _private);
        if (SharedFloats > 0)
            Poison(workspace.Shared, SharedFloats);
    }

    /// <summary>Whether nothing was written behind it since <see cref="Poison()"/>.</summary>
    public bool AreGuardsIntact()
    {
        bool intact = SharedFloats == 0 || IsIntact(workspace.Shared, SharedFloats);
        for (int worker = 0; _private > 0 && worker < workspace.Workers; worker++)
            intact &= IsIntact(workspace.Private(worker), _private);
        return intact;
    }

    private static void Poison(float* block, long floats)
    {
        new Span<float>(block, (int)Math.Min(floats, int.MaxValue)).Fill(float.NaN);
        GuardOf(block, floats).Fill(Guard);
    }

    private static bool IsIntact(float* block, long floats) => GuardOf(block, floats).IndexOfAnyExcept(Guard) < 0;

    private static Span<float> GuardOf(float* block, long floats) => new(block + floats, GuardFloats);
#endif
}

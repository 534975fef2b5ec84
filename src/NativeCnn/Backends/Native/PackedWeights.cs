using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

/// <summary>
/// What a kernel makes of its weights before it computes, such as transformed filters: at every run, in scratch memory,
/// or, where it is to keep it, once and again after the weights were written, in memory of its own.
/// </summary>
internal sealed unsafe class PackedWeights
{
    private const int FloatsPerLine = NativeBuffer.Alignment / sizeof(float);

    private long _floats;
    private int _groups = 1;
    private NativeBuffer? _memory;
    private bool _isPacked;

    // Of which weights, and as of when.
    private NativeBuffer? _source;
    private nint _address;
    private long _version;

    /// <summary>Whether it outlives a run.</summary>
    public bool IsKept { get; private set; }

    /// <summary>Whether the kernel packs anything.</summary>
    public bool IsAny => _floats > 0;

    /// <summary>Floats of scratch memory: those of all groups, or none where they are kept.</summary>
    public long ScratchFloats => IsKept ? 0 : checked(_floats * _groups);

    /// <summary>Bytes of memory of its own: those of all groups, or none.</summary>
    public long KeptBytes => IsKept ? checked(_floats * _groups * sizeof(float)) : 0;

    /// <summary>Whether there is nothing to pack in the run under way.</summary>
    public bool IsCurrent { get; private set; }

    /// <summary>The kernel packs so many floats for each of some groups.</summary>
    public void Require(long floats, int groups)
    {
        _floats = Math.Max(_floats, (floats + FloatsPerLine - 1) / FloatsPerLine * FloatsPerLine);
        _groups = Math.Max(_groups, groups);
    }

    /// <summary>Has it kept; before any memory is taken.</summary>
    public void Keep() => IsKept = IsAny;

    /// <summary>Takes the memory of its own.</summary>
    public void Reserve()
    {
        if (IsKept)
            _memory ??= new NativeBuffer(KeptBytes);
    }

    /// <summary>Frees the memory of its own: the next run would pack into scratch memory that nobody took.</summary>
    public void Free()
    {
        Forget();
        _memory?.Dispose();
    }

    /// <summary>Has the next run pack again.</summary>
    public void Forget() => _source = null;

    /// <summary>Begins a run on some weights.</summary>
    public void Begin(Tensor weights)
    {
        // Read before the weights are: whoever writes them meanwhile makes what is packed now old.
        long version = weights.Buffer.Version;
        var address = (nint)weights.Pointer;
        IsCurrent = IsKept && _isPacked && _source == weights.Buffer && _address == address && _version == version;
        if (IsCurrent)
            return;
        // A run that fails leaves nothing that the next one could take for packed.
        _isPacked = false;
        (_source, _address, _version) = (weights.Buffer, address, version);
    }

    /// <summary>Ends a run that succeeded.</summary>
    public void End() => _isPacked = true;

    /// <summary>A group's place.</summary>
    /// <param name="group">Which group.</param>
    /// <param name="scratch">The scratch memory.</param>
    public float* Of(int group, float* scratch) => (IsKept ? (float*)_memory!.Pointer : scratch) + group * _floats;
}

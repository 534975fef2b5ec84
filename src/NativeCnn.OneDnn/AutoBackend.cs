using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.OneDnn;

/// <summary>
/// The native backend and oneDNN, whichever is faster: for each pass of a convolution by the planner's cost model or, if
/// the options ask for it, by measuring; all else by the native backend unless oneDNN was measured to be ahead.
/// </summary>
/// <remarks>
/// Results are the same bits on any number of threads as long as the same choices are made. Without oneDNN's library it
/// computes as the native backend does, and <see cref="OneDnnMissing"/> says why.
/// </remarks>
public sealed class AutoBackend : Backend
{
    private readonly OneDnnApi? _library;
    private readonly IReadOnlyDictionary<Type, Predicate<Operation>> _ahead = MeasuredAhead.Table;

    /// <summary>A backend with threads of its own.</summary>
    /// <param name="threads">1 to 1,024; <see cref="ThreadCount.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is impossible.</exception>
    /// <exception cref="NativeLibraryException">
    /// The shim or OpenBLAS is missing or wrong; the message has the remedy.
    /// </exception>
    /// <exception cref="InsufficientMemoryException">
    /// The address space (<c>ulimit -v</c>) does not suffice for so many threads.
    /// </exception>
    public AutoBackend(int? threads = null)
        : this(new NativeBackendOptions { Threads = threads ?? ThreadCount.Default }) { }

    /// <summary>A backend with threads of its own.</summary>
    /// <param name="options">
    /// Threads, and how convolutions are computed; <see cref="NativeBackendOptions.Algorithm"/> may be <c>onednn</c> too.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is impossible.</exception>
    /// <exception cref="ArgumentException">There is no algorithm of the name that the options force.</exception>
    /// <exception cref="NativeLibraryException">
    /// The shim or OpenBLAS is missing or wrong, or oneDNN is, which the options force; the message has the remedy.
    /// </exception>
    /// <exception cref="InsufficientMemoryException">
    /// The address space (<c>ulimit -v</c>) does not suffice for so many threads.
    /// </exception>
    public AutoBackend(NativeBackendOptions options)
        : this(options, NativeRuntime.EnsureOneDnnLoaded) { }

    internal AutoBackend(NativeBackendOptions options, Func<OneDnnInfo> load)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            OneDnnInfo info = load();
            _library = OneDnnApi.Current;
            // What it compiles depends on the instruction set, which a variable of the environment may restrict.
            var convolutions = new OneDnnConvolutions(_library, $"{info.Version} {info.InstructionSet}");
            options = options with { Library = convolutions };
        }
        catch (NativeLibraryException e) when (options.Algorithm != OneDnnBackend.ShortName)
        {
            OneDnnMissing = e.Message;
        }
        Native = new NativeBackend(options);
    }

    private AutoBackend(AutoBackend other, NativeBackend native) =>
        (Native, _library, OneDnnMissing) = (native, other._library, other.OneDnnMissing);

    /// <inheritdoc/>
    public override string Name => "auto";

    /// <inheritdoc/>
    public override ElementType ElementType => ElementType.Float32;

    /// <inheritdoc/>
    public override int Threads => Native.Threads;

    /// <summary>Why oneDNN is not among what is chosen from; null where it is.</summary>
    public string? OneDnnMissing { get; }

    /// <summary><see cref="NativeBackend.DescribeTuning"/>, oneDNN's choices included.</summary>
    public string? DescribeTuning() => Native.DescribeTuning();

    /// <summary>Whose planner chooses, and whose threads compute.</summary>
    internal NativeBackend Native { get; }

    internal override WorkerPool Pool => Native.Pool;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">
    /// The algorithm that the options force cannot compute this convolution.
    /// </exception>
    public override Kernel? Plan(Operation operation)
    {
        CheckOpen();
        ArgumentNullException.ThrowIfNull(operation);
        bool isAhead =
            _library is not null
            && _ahead.TryGetValue(operation.GetType(), out var isMeasured)
            && isMeasured(operation);
        return isAhead && OneDnnBackend.Plan(_library!, Native, operation) is { } kernel
            ? kernel
            : Native.Plan(operation);
    }

    /// <inheritdoc/>
    public override Backend CreateForOneThread()
    {
        CheckOpen();
        return new AutoBackend(this, (NativeBackend)Native.CreateForOneThread());
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Native.Dispose();
        base.Dispose(disposing);
    }
}

using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

/// <summary>
/// Operations by OpenBLAS and the shim's kernels, shared among worker threads. Where work is cut through sums, the
/// bounds follow from the sizes alone and partial sums are added in a fixed order; elsewhere many threads get more
/// chunks. So results are the same bits on any number of threads.
/// </summary>
/// <remarks>The kernels are in files named as the operations'; each adds itself to the registry.</remarks>
public sealed unsafe partial class NativeBackend : Backend
{
    /// <summary>
    /// Elements of a chunk: 64 kB of float32, small enough for a core's own cache, large against a hand-over.
    /// </summary>
    internal const int ElementsPerChunk = 16384;

    /// <summary>
    /// Elements of a result, 16 MB of float32, from which on most of it has left the caches when the next layer reads it.
    /// </summary>
    internal const int ElementsBeyondCaches = 1 << 22;

    // Not initialised here: the parts of this class add to it in an order that the compiler chooses.
    private static KernelRegistry<NativeBackend>? kernels;

    // In place of the backend's own while this thread makes kernels to measure them.
    [ThreadStatic]
    private static Workspace? measured;

    private readonly NativeBackendOptions _options;
    private readonly Workspace _workspace;
    private readonly OpenBlasBuffers _buffers;

    /// <summary>A backend with threads of its own.</summary>
    /// <param name="threads">1 to 1,024; <see cref="ThreadCount.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is impossible.</exception>
    /// <exception cref="NativeLibraryException">
    /// The shim or OpenBLAS is missing or wrong; the message has the remedy.
    /// </exception>
    /// <exception cref="InsufficientMemoryException">
    /// The address space (<c>ulimit -v</c>) does not suffice for so many threads.
    /// </exception>
    public NativeBackend(int? threads = null)
        : this(new NativeBackendOptions { Threads = threads ?? ThreadCount.Default }) { }

    /// <summary>A backend with threads of its own.</summary>
    /// <param name="options">Threads, and how convolutions are computed.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is impossible.</exception>
    /// <exception cref="ArgumentException">There is no algorithm of the name that the options force.</exception>
    /// <exception cref="NativeLibraryException">
    /// The shim or OpenBLAS is missing or wrong; the message has the remedy.
    /// </exception>
    /// <exception cref="InsufficientMemoryException">
    /// The address space (<c>ulimit -v</c>) does not suffice for so many threads.
    /// </exception>
    public NativeBackend(NativeBackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        Threads = ThreadCount.Check(options.Threads);
        ConvolutionChooser.Check(options);
        NativeRuntime.EnsureLoaded();
        _buffers = NativeRuntime.TakeBuffers(Threads);
        Pool = new WorkerPool(Threads, new NativeThreadSetup()) { PlannedThreads = options.PlannedThreads ?? Threads };
        _workspace = new Workspace(Threads);
        Convolutions = new ConvolutionChooser(options);
    }

    /// <inheritdoc/>
    public override string Name => "native";

    /// <inheritdoc/>
    public override ElementType ElementType => ElementType.Float32;

    /// <inheritdoc/>
    public override int Threads { get; }

    /// <inheritdoc/>
    public override Backend CreateForOneThread()
    {
        CheckOpen();
        // Nothing is measured again: other choices could give other bits.
        ConvolutionTuning? same = _options.Tuning is null ? null : new() { Kept = DescribeTuning() };
        return new NativeBackend(_options with { Threads = 1, Tuning = same });
    }

    /// <summary>The types of the operations that it computes.</summary>
    internal static IEnumerable<Type> Operations => kernels!.Operations;

    internal override WorkerPool Pool { get; }

    /// <summary>How the algorithms of convolutions are chosen.</summary>
    internal ConvolutionChooser Convolutions { get; }

    /// <summary>The scratch memory that is held, in bytes.</summary>
    internal long HeldScratchBytes => _workspace.ByteCount;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">
    /// The algorithm that the options force cannot compute this convolution.
    /// </exception>
    public override Kernel? Plan(Operation operation) => kernels!.Create(this, operation);

    /// <summary>Scratch memory for one kernel.</summary>
    internal Scratch NewScratch() => new(measured ?? _workspace);

    /// <summary>
    /// Makes kernels that are measured: their scratch memory is in a workspace of the caller's, who gives it back.
    /// </summary>
    internal static Kernel[] Make(Workspace workspace, IEnumerable<Func<Kernel>> kernels)
    {
        measured = workspace;
        try
        {
            return [.. kernels.Select(create => create())];
        }
        finally
        {
            measured = null;
        }
    }

    /// <summary>How many chunks of a size cover a total.</summary>
    internal static int ChunkCount(long total, long size) => checked((int)((total + size - 1) / size));

    /// <summary>
    /// Rows of a matrix in one chunk, so that a chunk has about <see cref="ElementsPerChunk"/> elements.
    /// </summary>
    internal static int RowsPerChunk(long rowElements) => (int)Math.Max(1, ElementsPerChunk / Math.Max(1, rowElements));

    /// <summary>Ends the threads and frees the scratch memory.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Pool.Dispose();
            _workspace.Dispose();
            _buffers.Dispose();
        }
        base.Dispose(disposing);
    }

    // Adds an operation to the registry; the result is what a static field can be initialised with.
    private static bool Provide<TOperation>(Func<NativeBackend, TOperation, Kernel?> create)
        where TOperation : Operation
    {
        (kernels ??= new KernelRegistry<NativeBackend>()).Add(create);
        return true;
    }

    // Denormals are flushed, since trained weights otherwise turn slow, and OpenBLAS's OpenMP builds count threads per
    // thread.
    private sealed class NativeThreadSetup : ThreadSetup
    {
        [ThreadStatic]
        private static bool isPrepared;

        public override ulong Enter()
        {
            if (!isPrepared)
            {
                NativeRuntime.PrepareThread();
                isPrepared = true;
            }
            return Shim.nativecnn_flush_denormals();
        }

        public override void Leave(ulong settings) => Shim.nativecnn_restore_denormals(settings);
    }
}

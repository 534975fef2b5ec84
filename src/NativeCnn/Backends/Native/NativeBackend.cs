using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

/// <summary>
/// The operations of <see cref="IBackend"/> by OpenBLAS and the shim's kernels, shared among worker threads. Work is cut
/// into chunks whose bounds follow from the sizes alone and partial sums are added in a fixed order, so results are the
/// same bits on any number of threads.
/// </summary>
public sealed unsafe partial class NativeBackend : IBackend
{
    // Elements of a point-wise chunk: 64 kB of float32, small enough for a core's own cache, large against a hand-over.
    private const int ElementsPerChunk = 16384;

    private readonly NativeBackendOptions _options;
    private readonly ConvolutionPlanner _planner;
    private readonly WorkerPool _pool;
    private readonly Workspace _workspace;
    private readonly TunedChooser? _tuned;

    /// <summary>A backend with threads of its own.</summary>
    /// <param name="threads">1 to 1,024; <see cref="ThreadCount.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is impossible.</exception>
    /// <exception cref="NativeLibraryException">The shim or OpenBLAS is missing or wrong; the message has the remedy.</exception>
    public NativeBackend(int? threads = null)
        : this(new NativeBackendOptions { Threads = threads ?? ThreadCount.Default }) { }

    /// <summary>A backend with threads of its own.</summary>
    /// <param name="options">Threads, and how convolutions are computed.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is impossible.</exception>
    /// <exception cref="ArgumentException">There is no algorithm of the name that the options force.</exception>
    /// <exception cref="NativeLibraryException">The shim or OpenBLAS is missing or wrong; the message has the remedy.</exception>
    public NativeBackend(NativeBackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Threads = ThreadCount.Check(options.Threads);
        if (options.Algorithm is { } algorithm && !ConvolutionPlanner.Names.Contains(algorithm))
        {
            throw new ArgumentException(
                $"There is no convolution algorithm '{algorithm}'; the algorithms are {string.Join(", ", ConvolutionPlanner.Names)}.",
                nameof(options)
            );
        }
        NativeRuntime.EnsureLoaded();
        _options = options;
        _pool = new WorkerPool(Threads, new NativeThreadSetup());
        _workspace = new Workspace(Threads);
        _planner = new ConvolutionPlanner(_pool, _workspace);
        if (options is { Tuning: { } tuning, Algorithm: null })
            _tuned = new TunedChooser(tuning, _pool, options.Exact);
    }

    /// <inheritdoc/>
    public string Name => "native";

    /// <inheritdoc/>
    public ElementType ElementType => ElementType.Float32;

    /// <inheritdoc/>
    public int Threads { get; }

    /// <summary>The threads, for what runs beside the operations (such as a self-test).</summary>
    internal WorkerPool Pool => _pool;

    /// <summary>Ends the threads and frees the scratch memory.</summary>
    public void Dispose()
    {
        _pool.Dispose();
        _workspace.Dispose();
    }

    // Denormals are flushed, since trained weights otherwise turn slow, and OpenBLAS's OpenMP builds count threads per thread.
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

    /// <summary>How many chunks of a size cover a total.</summary>
    private static int ChunkCount(long total, long size) => checked((int)((total + size - 1) / size));

    /// <summary>Rows of a matrix in one chunk, so that a chunk has about <see cref="ElementsPerChunk"/> elements.</summary>
    private static int RowsPerChunk(long rowElements) => (int)Math.Max(1, ElementsPerChunk / Math.Max(1, rowElements));
}

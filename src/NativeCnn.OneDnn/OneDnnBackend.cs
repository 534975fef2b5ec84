using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.OneDnn;

/// <summary>
/// Convolutions, forward and backward, by oneDNN's direct kernels, dense layers by its matrix product, and average
/// pooling, max pooling's backward pass, normalisation at inference, softmax's backward pass, some activations, sums and
/// concatenation by its others; all else, and what oneDNN has only plain loops for or computes otherwise than it is
/// specified, by a native backend of its own.
/// </summary>
/// <remarks>
/// oneDNN is held to one thread and run over parts of the work on the native backend's threads, so that nothing is
/// overloaded and results are the same bits on any number of threads. Its library (<c>libdnnl</c>, version 2.6, 2.7 or 3,
/// on OpenMP or without threads) is looked for when the first of these backends is made.
/// </remarks>
public sealed class OneDnnBackend : Backend
{
    /// <summary>What the user calls it.</summary>
    internal const string ShortName = "onednn";

    private readonly NativeBackend _native;
    private readonly NativeBackendOptions _options;

    /// <summary>A backend with threads of its own.</summary>
    /// <param name="threads">1 to 1,024; <see cref="ThreadCount.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is impossible.</exception>
    /// <exception cref="NativeLibraryException">
    /// oneDNN, the shim or OpenBLAS is missing or wrong; the message has the remedy.
    /// </exception>
    /// <exception cref="InsufficientMemoryException">
    /// The address space (<c>ulimit -v</c>) does not suffice for so many threads.
    /// </exception>
    public OneDnnBackend(int? threads = null)
        : this(new NativeBackendOptions { Threads = threads ?? ThreadCount.Default }) { }

    /// <summary>A backend with threads of its own.</summary>
    /// <param name="options">Threads, and how the native backend computes what oneDNN does not.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is impossible.</exception>
    /// <exception cref="ArgumentException">There is no algorithm of the name that the options force.</exception>
    /// <exception cref="NativeLibraryException">
    /// oneDNN, the shim or OpenBLAS is missing or wrong; the message has the remedy.
    /// </exception>
    /// <exception cref="InsufficientMemoryException">
    /// The address space (<c>ulimit -v</c>) does not suffice for so many threads.
    /// </exception>
    public OneDnnBackend(NativeBackendOptions options)
    {
        Library = OneDnnApi.Current;
        _native = new NativeBackend(options);
        _options = options;
    }

    /// <inheritdoc/>
    public override string Name => ShortName;

    /// <inheritdoc/>
    public override ElementType ElementType => ElementType.Float32;

    /// <inheritdoc/>
    public override int Threads => _native.Threads;

    /// <summary>oneDNN.</summary>
    internal OneDnnApi Library { get; }

    internal override WorkerPool Pool => _native.Pool;

    /// <inheritdoc/>
    public override Kernel? Plan(Operation operation)
    {
        CheckOpen();
        return Plan(Library, _native, operation) ?? _native.Plan(operation);
    }

    /// <summary>oneDNN's own kernel, on a native backend's threads; null where it has none.</summary>
    internal static Kernel? Plan(OneDnnApi library, NativeBackend native, Operation operation) =>
        operation switch
        {
            ConvolutionForward forward => OneDnnConvolution.Plan(library, native, forward, ConvolutionPass.Forward),
            ConvolutionBackwardData backward => OneDnnConvolution.Plan(
                library,
                native,
                backward,
                ConvolutionPass.BackwardData
            ),
            ConvolutionBackwardFilter backward => OneDnnFilterGradient.Plan(library, native, backward),
            _ => OneDnnOperations.Plan(library, native, operation),
        };

    /// <inheritdoc/>
    public override Backend CreateForOneThread()
    {
        CheckOpen();
        return new OneDnnBackend(_options with { Threads = 1 });
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _native.Dispose();
        base.Dispose(disposing);
    }
}

using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends;

/// <summary>
/// What computes operations. <c>ManagedBackend</c> defines what they compute, <c>NativeBackend</c> computes the same
/// fast, and <see cref="CompositeBackend"/> asks several in turn.
/// </summary>
/// <remarks>
/// A backend runs one kernel at a time; a second thread is refused. Results do not depend on the number of threads.
/// </remarks>
public abstract class Backend : IDisposable
{
    private readonly ExclusiveUse _use;

    /// <summary>A backend.</summary>
    protected Backend() => _use = new ExclusiveUse(() => $"backend '{Name}'");

    /// <summary>What the user calls it, such as <c>native</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The type that activations, parameters and gradients have on this backend.</summary>
    public abstract ElementType ElementType { get; }

    /// <summary>How many threads share the work.</summary>
    public abstract int Threads { get; }

    /// <summary>
    /// The kernel that would compute an operation, or null for "not mine". Takes no memory and measures nothing.
    /// </summary>
    /// <remarks>The kernel may run once it came out of <see cref="Prepare"/>.</remarks>
    public abstract Kernel? Plan(Operation operation);

    /// <summary>
    /// The kernel for an operation, with its scratch memory reserved, so that running it allocates nothing.
    /// </summary>
    /// <exception cref="NotSupportedException">No kernel computes it; the message names the operation.</exception>
    /// <exception cref="InvalidOperationException">The backend is computing on another thread.</exception>
    /// <exception cref="ObjectDisposedException">The backend was disposed.</exception>
    public Kernel Prepare(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        CheckOpen();
        Kernel kernel =
            Plan(operation) ?? throw new NotSupportedException($"The backend '{Name}' has no kernel for {operation}.");
        Reserve(kernel);
        return kernel;
    }

    /// <summary>Takes the scratch memory of a kernel that <see cref="Plan"/> gave.</summary>
    internal static void Reserve(Kernel kernel)
    {
        kernel.Backend.Enter();
        try
        {
            kernel.Reserve();
        }
        catch (KernelException e)
        {
            e.Operation ??= kernel.Operation;
            throw;
        }
        finally
        {
            kernel.Backend.Leave();
        }
    }

    /// <summary>The threads, where the backend has threads of its own: for what measures them.</summary>
    internal virtual WorkerPool? Pool => null;

    /// <summary>
    /// A backend that computes the same bits on one thread, with scratch memory of its own, so that several callers run
    /// side by side; null, the default, where they have to take turns. The caller disposes it.
    /// </summary>
    public virtual Backend? CreateForOneThread() => null;

    /// <summary>Whoever has this lock is the one of several callers that take turns.</summary>
    internal Lock Turn { get; } = new();

    internal void CheckOpen() => _use.CheckOpen();

    internal void Enter() => _use.Enter();

    internal void Leave() => _use.Leave();

    /// <summary>Frees what the backend holds.</summary>
    /// <exception cref="InvalidOperationException">It is computing on another thread.</exception>
    public void Dispose()
    {
        if (!_use.Close())
            return;
        try
        {
            Dispose(disposing: true);
        }
        catch
        {
            // A backend within this one is computing: the next call is to end both.
            _use.Reopen();
            throw;
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the backend holds.</summary>
    protected virtual void Dispose(bool disposing) { }
}

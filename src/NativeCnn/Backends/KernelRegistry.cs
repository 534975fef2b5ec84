using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends;

/// <summary>Which operations a backend computes, and how its kernels are made.</summary>
internal sealed class KernelRegistry<TBackend>
{
    private readonly Dictionary<Type, Func<TBackend, Operation, Kernel?>> _kernels = [];

    /// <summary>The types of the operations.</summary>
    public IEnumerable<Type> Operations => _kernels.Keys;

    /// <summary>Adds an operation.</summary>
    /// <param name="create">Makes the kernel, or null where this instance of the operation is not computed.</param>
    public void Add<TOperation>(Func<TBackend, TOperation, Kernel?> create)
        where TOperation : Operation =>
        _kernels.Add(typeof(TOperation), (backend, operation) => create(backend, (TOperation)operation));

    /// <summary>The kernel for an operation, or null.</summary>
    public Kernel? Create(TBackend backend, Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return _kernels.TryGetValue(operation.GetType(), out Func<TBackend, Operation, Kernel?>? create)
            ? create(backend, operation)
            : null;
    }
}

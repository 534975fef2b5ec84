using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends;

/// <summary>
/// Asks backends in turn for a kernel, so that one that computes a few operations only can go before one that computes
/// all.
/// </summary>
public sealed class CompositeBackend : Backend
{
    private readonly Backend[] _providers;
    private bool _ownsProviders;

    /// <summary>A backend out of others, which stay the caller's.</summary>
    /// <param name="providers">Whom to ask, in this order; all compute in the same element type.</param>
    /// <exception cref="ArgumentException">There are none, or their element types differ.</exception>
    public CompositeBackend(params ReadOnlySpan<Backend> providers)
    {
        if (providers.IsEmpty)
            throw new ArgumentException("A composite backend has one provider or more.", nameof(providers));
        _providers = providers.ToArray();
        foreach (Backend provider in _providers)
        {
            ArgumentNullException.ThrowIfNull(provider, nameof(providers));
            if (provider.ElementType != ElementType)
                throw new ArgumentException(
                    $"The backend '{_providers[0].Name}' computes in {ElementType}, '{provider.Name}' in {provider.ElementType}.",
                    nameof(providers)
                );
        }
    }

    /// <summary>The providers' names, joined by <c>+</c>.</summary>
    public override string Name => string.Join('+', _providers.Select(provider => provider.Name));

    /// <inheritdoc/>
    public override ElementType ElementType => _providers[0].ElementType;

    /// <summary>The most that a provider has.</summary>
    public override int Threads => _providers.Max(provider => provider.Threads);

    /// <inheritdoc/>
    public override Kernel? Plan(Operation operation)
    {
        foreach (Backend provider in _providers)
        {
            if (provider.Plan(operation) is { } kernel)
                return kernel;
        }
        return null;
    }

    /// <summary>Made of its providers' backends for one thread; null if one of them has none.</summary>
    public override Backend? CreateForOneThread()
    {
        var own = new List<Backend>();
        foreach (Backend provider in _providers)
        {
            if (provider.CreateForOneThread() is { } backend)
            {
                own.Add(backend);
                continue;
            }
            own.ForEach(made => made.Dispose());
            return null;
        }
        return new CompositeBackend([.. own]) { _ownsProviders = true };
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (Backend provider in _ownsProviders && disposing ? _providers : [])
            provider.Dispose();
        base.Dispose(disposing);
    }

    internal override WorkerPool? Pool =>
        _providers.Select(provider => provider.Pool).FirstOrDefault(pool => pool is not null);
}

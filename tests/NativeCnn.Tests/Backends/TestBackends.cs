using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>Every backend there is, by a name that a theory can show.</summary>
public static class TestBackends
{
    private static readonly Dictionary<string, Func<IBackend>> Makers = new()
    {
        ["managed"] = () => new ManagedBackend(),
        ["managed in float64"] = () => new ManagedBackend(ElementType.Float64),
        ["native"] = () => new NativeBackend(threads: 2),
    };

    /// <summary>The names of all backends.</summary>
    public static IEnumerable<string> Keys => Makers.Keys;

    /// <summary>The names of all backends, for theories.</summary>
    public static TheoryData<string> Names => [.. Keys];

    /// <summary>The backend of a name.</summary>
    public static IBackend Create(string name) => Makers[name]();
}

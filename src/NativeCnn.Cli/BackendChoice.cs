using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Cli.Commands;

namespace NativeCnn.Cli;

/// <summary>The backend that <c>--backend</c> and <c>--threads</c> name.</summary>
internal static class BackendChoice
{
    /// <param name="name">One of the words of <see cref="CommonOptions.Backend"/>.</param>
    /// <param name="threads">How many, or 0 for the default.</param>
    public static IBackend Create(string name, int threads) =>
        name == CommonOptions.Managed ? new ManagedBackend() : new NativeBackend(threads == 0 ? null : threads);
}

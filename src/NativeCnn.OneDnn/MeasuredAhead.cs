using NativeCnn.Backends.Operations;

namespace NativeCnn.OneDnn;

/// <summary>
/// The operations, convolutions apart, at which oneDNN was measured to be ahead of the native backend: what
/// <see cref="AutoBackend"/> takes from oneDNN. An operation that is not in the table stays with the native backend.
/// </summary>
/// <remarks>
/// Empty so far: which of the two is ahead changes with the sizes (docs/performance.md), and no bounds were measured.
/// </remarks>
internal static class MeasuredAhead
{
    /// <summary>By the operation's type, the sizes at which oneDNN is ahead.</summary>
    public static IReadOnlyDictionary<Type, Predicate<Operation>> Table { get; } =
        new Dictionary<Type, Predicate<Operation>>();
}

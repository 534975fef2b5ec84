using NativeCnn.Interop;

namespace NativeCnn.Tests.OneDnn;

/// <summary>A theory that needs oneDNN's library, reported as skipped where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneDnnTheoryAttribute : TheoryAttribute
{
    private static readonly Lazy<string?> Missing = new(Reason);

    public OneDnnTheoryAttribute() => Skip = Missing.Value;

    private static string? Reason()
    {
        try
        {
            NativeRuntime.EnsureOneDnnLoaded();
            return null;
        }
        catch (NativeLibraryException e) when (e.Message.Contains("was not found", StringComparison.Ordinal))
        {
            return e.Message;
        }
    }
}

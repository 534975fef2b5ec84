using NativeCnn.Interop;

namespace NativeCnn.Tests.Data;

/// <summary>Whether the library that reads pictures is there; its tests are reported as skipped where it is not.</summary>
internal static class PictureLibrary
{
    private static readonly Lazy<string?> s_missing = new(Reason);

    /// <summary>Why it is not there, or null.</summary>
    public static string? Missing => s_missing.Value;

    private static string? Reason()
    {
        try
        {
            NativeRuntime.EnsurePicturesLoaded();
            return null;
        }
        catch (NativeLibraryException e) when (e.Message.Contains("was not found", StringComparison.Ordinal))
        {
            return e.Message;
        }
    }
}

/// <summary>A test that reads pictures.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PictureFactAttribute : FactAttribute
{
    public PictureFactAttribute() => Skip = PictureLibrary.Missing;
}

/// <summary>A theory that reads pictures.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PictureTheoryAttribute : TheoryAttribute
{
    public PictureTheoryAttribute() => Skip = PictureLibrary.Missing;
}

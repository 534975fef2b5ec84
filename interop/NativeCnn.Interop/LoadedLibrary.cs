using System.Runtime.InteropServices;

namespace NativeCnn.Interop;

/// <summary>A native library in this process.</summary>
/// <param name="Description">What it was looked for as.</param>
/// <param name="Platform">For which platform.</param>
/// <param name="Handle">The loader's handle; the library is never unloaded.</param>
/// <param name="Candidate">The place where it was found.</param>
/// <param name="Path">Its file, with links resolved where the operating system tells.</param>
internal sealed record LoadedLibrary(
    NativeLibraryDescription Description,
    NativePlatform Platform,
    NativeLibraryCandidate Candidate,
    nint Handle,
    string Path
)
{
    /// <summary>The address of a function.</summary>
    /// <exception cref="NativeLibraryException">The library has no such function.</exception>
    public nint Export(string name) =>
        NativeLibrary.TryGetExport(Handle, name, out nint address)
            ? address
            : throw Unusable($"is not {Description.Title}, or a too old one: it has no function {name}");

    /// <summary>Looks for a function that not every build has.</summary>
    public bool HasExport(string name, out nint address) => NativeLibrary.TryGetExport(Handle, name, out address);

    /// <summary>The exception for a library that was loaded and does not do.</summary>
    /// <param name="reason">What is wrong, as the rest of a sentence that begins with the file.</param>
    /// <param name="remedy">What mends it; by default, the right file.</param>
    public NativeLibraryException Unusable(string reason, string? remedy = null) =>
        new($"{Path} ({Platform}) {reason}. {remedy ?? Description.RemedyFor(Candidate)}");
}

namespace NativeCnn.Interop;

/// <summary>A place where a library may be.</summary>
/// <param name="Path">A full path, or a bare name for the loader of the operating system to find.</param>
/// <param name="IsRequired">Whether the user named this file, so that no other will do.</param>
internal readonly record struct NativeLibraryCandidate(string Path, bool IsRequired = false)
{
    /// <summary>Whether the loader of the operating system is to find the file on its own path.</summary>
    public bool IsBareName => System.IO.Path.GetFileName(Path) == Path;
}

/// <summary>Where a library is looked for.</summary>
internal static class NativeLibrarySearch
{
    /// <summary>
    /// The places in order: the file that the environment variable names, and then no other; beside the program and the
    /// assembly; in <c>runtimes/RID/native</c> below those; the loader's path; the fixed places.
    /// </summary>
    /// <param name="library">What to look for.</param>
    /// <param name="platform">For which platform.</param>
    /// <param name="folders">The folders of the program and of the assembly.</param>
    /// <param name="variable">Reads an environment variable.</param>
    public static IReadOnlyList<NativeLibraryCandidate> Candidates(
        NativeLibraryDescription library,
        NativePlatform platform,
        IEnumerable<string> folders,
        Func<string, string?> variable
    )
    {
        string? chosen = variable(library.Variable);
        if (!string.IsNullOrWhiteSpace(chosen))
            return [new(Path.GetFullPath(chosen), IsRequired: true)];
        List<string> distinct =
        [
            .. folders.Where(f => f.Length > 0).Select(Path.TrimEndingDirectorySeparator).Distinct(),
        ];
        IEnumerable<string> nested = distinct.Select(f =>
            Path.Combine(f, "runtimes", platform.RuntimeIdentifier, "native")
        );
        IEnumerable<string> near =
            from folder in distinct.Concat(nested)
            from name in library.FileNames
            select Path.Combine(folder, name);
        return
        [
            .. near.Concat(library.FileNames).Concat(library.FixedPlaces).Select(p => new NativeLibraryCandidate(p)),
        ];
    }
}

using System.Runtime.InteropServices;

namespace NativeCnn.Interop;

/// <summary>Loads the first of a library's candidates that exists.</summary>
internal static class NativeLibraryLoader
{
    /// <summary>
    /// Loads a library. A file that exists and cannot be loaded ends the search: going on would hide a damaged
    /// installation behind whatever else the machine has.
    /// </summary>
    /// <exception cref="NativeLibraryException">No candidate exists, or one exists and cannot be loaded.</exception>
    public static LoadedLibrary Load(
        NativeLibraryDescription library,
        NativePlatform platform,
        IReadOnlyList<NativeLibraryCandidate> candidates
    )
    {
        List<string> places = [];
        foreach (NativeLibraryCandidate candidate in candidates)
        {
            if (!candidate.IsBareName && !File.Exists(candidate.Path))
            {
                places.Add(candidate.Path);
                continue;
            }
            // Asked of every file before: the loader dies of one that is cut short.
            string? unfit = candidate.IsBareName ? null : Unfitness(candidate.Path, platform);
            if (unfit is not null)
                throw NotLoadable(library, platform, candidate, unfit);
            if (TryLoad(candidate.Path, out nint found, out NativeLibraryException reason))
            {
                string path = LoadedLibraryPath.Of(found, library.Export) ?? candidate.Path;
                return new(library, platform, candidate, found, path);
            }
            if (!candidate.IsBareName)
                throw NotLoadable(library, platform, candidate, $"the loader says: {reason.Message}", reason);
            places.Add($"{candidate.Path} on the loader's path{Explanation(candidate.Path, reason)}");
        }
        string chosen = candidates.Any(c => c.IsRequired)
            ? $"The environment variable {library.Variable} names no existing file; correct or unset it. "
            : "";
        throw new NativeLibraryException(
            $"{Capitalised(library.Title)} was not found for {platform}. {chosen}"
                + $"Looked for: {string.Join("; ", places)}. "
                + $"{library.Remedy}, or name its file in {library.Variable}."
        );
    }

    private static bool TryLoad(string path, out nint handle, out NativeLibraryException reason)
    {
        try
        {
            handle = NativeLibrary.Load(path);
            reason = new NativeLibraryException();
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            // .NET's text is general advice; the loader's own words are its last line.
            string words = e.Message.Split(
                '\n',
                StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
            )[^1];
            handle = 0;
            reason = new NativeLibraryException(words, e);
            return false;
        }
    }

    /// <summary>What the loader said of a bare name, unless it only says again that there is no such file.</summary>
    private static string Explanation(string name, NativeLibraryException reason) =>
        !OperatingSystem.IsLinux() || reason.Message.StartsWith($"{name}: cannot open", StringComparison.Ordinal)
            ? ""
            : $" ({reason.Message})";

    private static string? Unfitness(string path, NativePlatform platform)
    {
        try
        {
            return NativeLibraryFile.Unfitness(path, platform);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static NativeLibraryException NotLoadable(
        NativeLibraryDescription library,
        NativePlatform platform,
        NativeLibraryCandidate candidate,
        string why,
        Exception? cause = null
    ) =>
        new(
            $"{candidate.Path} cannot be loaded as {library.Title} on {platform}: {why}. "
                + library.RemedyFor(candidate),
            cause!
        );

    private static string Capitalised(string title) => char.ToUpperInvariant(title[0]) + title[1..];
}

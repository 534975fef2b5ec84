using System.Security.Cryptography;
using NativeCnn.Interop;

namespace NativeCnn.Storage;

/// <summary>
/// Writes whole files or nothing: what was there before stays until the new content is safely on disk.
/// </summary>
/// <remarks>
/// A file that is replaced keeps its mode; its owner becomes who writes, and other hard links keep the old content.
/// </remarks>
public static class AtomicFile
{
    private const string Beginning = ".nativecnn-";
    private const string Ending = ".tmp";
    private const int RandomBytes = 16;

    private static readonly Lock s_lock = new();

    // Temporary files of this process that are not yet renamed.
    private static readonly HashSet<string> s_unfinished = [];

    /// <summary>
    /// Writes a temporary file in the same folder, flushes it to disk, renames it over <paramref name="path"/> and
    /// flushes the folder. If anything fails, the temporary file is removed and <paramref name="path"/> is as it was.
    /// </summary>
    /// <param name="path">
    /// The file to make or replace; a symbolic link stays, and what it leads to is replaced. Its folder must exist.
    /// </param>
    /// <param name="write">Writes the content; the stream cannot be kept.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written or replaced, or is a device, a pipe or a folder; the message names it.
    /// </exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string target = Target(path);
        string folder =
            Path.GetDirectoryName(target) ?? throw new ArgumentException($"{path} names no file.", nameof(path));
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{path} cannot be written: there is no folder {folder}.");
        string temporary = Path.Combine(folder, NewName());
        try
        {
            WriteThrough(temporary, target, write);
        }
        catch (Exception e)
        {
            Discard(temporary);
            if (IsFileError(e))
                throw new IOException($"{path} cannot be written: {Reason(e)}. What was there is unchanged.", e);
            throw;
        }
        FlushFolder(folder);
    }

    /// <summary>
    /// Finds out whether files can be made in a folder, by making one and removing it.
    /// </summary>
    /// <exception cref="IOException">They cannot.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not.</exception>
    public static void TryFolder(string folder)
    {
        string probe = Path.Combine(folder, NewName());
        using (Begin(probe, null)) { }
        Discard(probe);
    }

    /// <summary>
    /// Removes the temporary files that killed processes left in a folder. Those that a process is still writing stay,
    /// and so does everything that this class did not name.
    /// </summary>
    public static void RemoveLeftovers(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (string file in Directory.EnumerateFiles(folder, Beginning + "*" + Ending).Where(IsTemporary).ToArray())
        {
            try
            {
                // A process that writes holds a lock, which this then is not given.
                using FileStream held = new(
                    file,
                    FileMode.Open,
                    FileAccess.ReadWrite,
                    FileShare.None,
                    1,
                    FileOptions.DeleteOnClose
                );
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use, or someone else's.
            }
        }
    }

    /// <summary>
    /// Removes this process's unfinished files, and lets none be begun or finished any more: for a process that ends at
    /// once.
    /// </summary>
    internal static void Abandon()
    {
        // Never left again: who waits for it ends with the process.
        s_lock.Enter();
        foreach (string temporary in s_unfinished)
            DeleteQuietly(temporary);
    }

    // What is written: the file that links lead to.
    private static string Target(string path)
    {
        string full = Path.GetFullPath(path);
        try
        {
            FileKind kind = FileKinds.Of(full);
            if (kind != FileKind.Regular)
                throw new IOException($"it is a {Word(kind)}");
            return new FileInfo(full).LinkTarget is null
                ? full
                : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} cannot be written: {Reason(e)}.", e);
        }
    }

    private static void WriteThrough(string temporary, string target, Action<Stream> write)
    {
        UnixFileMode? mode = !OperatingSystem.IsWindows() && File.Exists(target) ? File.GetUnixFileMode(target) : null;
        using (FileStream stream = Begin(temporary, mode))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
            // While it is locked, so that nobody takes it for a left-over.
            if (!OperatingSystem.IsWindows())
                Finish(temporary, target);
        }
        if (OperatingSystem.IsWindows())
            Finish(temporary, target);
    }

    // CreateNew goes through no link and opens nothing that is there.
    private static FileStream Begin(string temporary, UnixFileMode? mode)
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
        };
        lock (s_lock)
        {
            if (mode is null || OperatingSystem.IsWindows())
            {
                FileStream created = new(temporary, options);
                s_unfinished.Add(temporary);
                return created;
            }
            options.UnixCreateMode = mode;
            FileStream stream = new(temporary, options);
            s_unfinished.Add(temporary);
            // The process's mask may have taken bits away.
            File.SetUnixFileMode(stream.SafeFileHandle, mode.Value);
            return stream;
        }
    }

    private static void Finish(string temporary, string target)
    {
        lock (s_lock)
        {
            File.Move(temporary, target, overwrite: true);
            s_unfinished.Remove(temporary);
        }
    }

    private static void Discard(string temporary)
    {
        lock (s_lock)
        {
            if (s_unfinished.Remove(temporary))
                DeleteQuietly(temporary);
        }
    }

    // The error under way says more than that its remains could not be removed.
    private static void DeleteQuietly(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    // The new name is on the disk only then. Not every file system can; the rename has succeeded by now.
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        int opened = SystemCalls.open(folder, 0);
        if (opened < 0)
            return;
        _ = SystemCalls.fsync(opened);
        _ = SystemCalls.close(opened);
    }

    private static string NewName() =>
        Beginning + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes)) + Ending;

    private static bool IsTemporary(string path)
    {
        string name = Path.GetFileName(path);
        return name.Length == Beginning.Length + 2 * RandomBytes + Ending.Length
            && name[Beginning.Length..^Ending.Length].All(char.IsAsciiHexDigitLower)
            && new FileInfo(path).LinkTarget is null
            && FileKinds.Of(path) == FileKind.Regular;
    }

    // A file above the limit of the process or the file system (EFBIG) is an argument out of range to .NET.
    private static bool IsFileError(Exception e) =>
        e
            is UnauthorizedAccessException
                or IOException
                and not DataFormatException
                or ArgumentOutOfRangeException { ParamName: "value" };

    // .NET ends its sentences with the name of the file, which is the temporary one, or of a parameter.
    private static string Reason(Exception e) => e.Message.Split(" : '", 2)[0].Split(" (Parameter", 2)[0].TrimEnd('.');

    private static string Word(FileKind kind) =>
        kind switch
        {
            FileKind.Directory => "folder",
            FileKind.Pipe => "pipe",
            FileKind.Socket => "socket",
            _ => "device",
        };
}

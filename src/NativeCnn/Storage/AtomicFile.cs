namespace NativeCnn.Storage;

/// <summary>
/// Writes whole files or nothing: what was there before stays until the new content is safely on disk.
/// </summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes a temporary file in the same folder, flushes it to disk and renames it over <paramref name="path"/>. If
    /// anything fails, the temporary file is removed and <paramref name="path"/> is as it was.
    /// </summary>
    /// <param name="path">The file to make or replace. Its folder must exist.</param>
    /// <param name="write">Writes the content; the stream cannot be kept.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">The file cannot be written or replaced.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string target = Path.GetFullPath(path);
        string folder =
            Path.GetDirectoryName(target) ?? throw new ArgumentException($"{path} names no file.", nameof(path));
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{path} cannot be written: there is no folder {folder}.");
        string temporary = $"{target}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}

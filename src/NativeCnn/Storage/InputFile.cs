using Microsoft.Win32.SafeHandles;
using NativeCnn.Interop;

namespace NativeCnn.Storage;

/// <summary>
/// Opens files to read. Only files that have a length: a pipe or a terminal would be waited for, and a device never
/// ends.
/// </summary>
public static class InputFile
{
    /// <summary>Opens a file as a stream.</summary>
    /// <exception cref="IOException">It is missing, cannot be read, or is a folder, a pipe or a device.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileStream Open(string path)
    {
        Check(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
    }

    /// <summary>Opens a file for reads at places of one's own choice.</summary>
    /// <exception cref="IOException">It is missing, cannot be read, or is a folder, a pipe or a device.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SafeFileHandle OpenHandle(string path)
    {
        Check(path);
        return File.OpenHandle(path);
    }

    /// <summary>Reads a small file whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">The most bytes that it may have.</param>
    /// <exception cref="DataFormatException">It is longer than that.</exception>
    /// <exception cref="IOException">It is missing, cannot be read, or is a folder, a pipe or a device.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] ReadAllBytes(string path, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        using FileStream file = Open(path);
        if (file.Length > limit)
            throw new DataFormatException(path, limit, $"The file has {file.Length} bytes; {limit} are read at most.");
        byte[] bytes = new byte[file.Length];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length == bytes.Length ? bytes : bytes[..length];
    }

    private static void Check(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A path has no character 0.", nameof(path));
        string? what = FileKinds.Of(path) switch
        {
            FileKind.Directory => "is a folder",
            FileKind.Pipe => "is a pipe",
            FileKind.Device => "is a device",
            FileKind.Socket => "is a socket",
            _ => null,
        };
        if (what is not null)
            throw new IOException($"{path} {what}; a file is needed. Write the data to a file first.");
    }
}

namespace NativeCnn.Storage;

/// <summary>
/// A file that is not what its format says: the message names the file, the offset and what is wrong there.
/// </summary>
public sealed class DataFormatException : IOException
{
    /// <summary>An exception without a message.</summary>
    public DataFormatException() { }

    /// <summary>An exception with a message.</summary>
    public DataFormatException(string message)
        : base(message) { }

    /// <summary>An exception with a message and its cause.</summary>
    public DataFormatException(string message, Exception innerException)
        : base(message, innerException) { }

    /// <summary>A problem at a byte of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">
    /// The byte where the problem lies, from 0; in a compressed file, of the unpacked content.
    /// </param>
    /// <param name="problem">What is wrong, as a sentence.</param>
    public DataFormatException(string path, long offset, string problem)
        : base($"{path}, byte {offset}: {problem}")
    {
        FilePath = path;
        Offset = offset;
    }

    /// <summary>The file, if known.</summary>
    public string? FilePath { get; }

    /// <summary>The byte where the problem lies, if known.</summary>
    public long? Offset { get; }
}

namespace NativeCnn.Interop;

/// <summary>
/// A native library is missing, damaged, of another version or built in a way that NativeCnn cannot use. The message
/// names the file or the places where it was looked for, the platform and the remedy.
/// </summary>
public sealed class NativeLibraryException : DllNotFoundException
{
    /// <summary>An exception without a message of its own.</summary>
    public NativeLibraryException() { }

    /// <summary>An exception with a message.</summary>
    /// <param name="message">What is wrong, where, and what mends it.</param>
    public NativeLibraryException(string message)
        : base(message) { }

    /// <summary>An exception with a message and the exception behind it.</summary>
    /// <param name="message">What is wrong, where, and what mends it.</param>
    /// <param name="innerException">What the loader of the operating system reported.</param>
    public NativeLibraryException(string message, Exception innerException)
        : base(message, innerException) { }
}

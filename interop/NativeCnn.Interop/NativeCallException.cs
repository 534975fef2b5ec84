namespace NativeCnn.Interop;

/// <summary>A function of the shim refused its arguments, and wrote nothing.</summary>
public sealed class NativeCallException : Exception
{
    /// <summary>An exception without a message of its own.</summary>
    public NativeCallException() { }

    /// <summary>An exception with a message.</summary>
    /// <param name="message">The function and what it refused.</param>
    public NativeCallException(string message)
        : base(message) { }

    /// <summary>An exception with a message and the exception behind it.</summary>
    /// <param name="message">The function and what it refused.</param>
    /// <param name="innerException">The exception behind it.</param>
    public NativeCallException(string message, Exception innerException)
        : base(message, innerException) { }

    internal NativeCallException(string function, int status, string meaning)
        : base($"{function} returned status {status}: {meaning}")
    {
        Function = function;
        Status = status;
    }

    /// <summary>The C function, such as <c>nativecnn_im2col</c>.</summary>
    public string Function { get; } = "";

    /// <summary>The number that it returned; 0 only if the exception does not come from a call.</summary>
    public int Status { get; }
}

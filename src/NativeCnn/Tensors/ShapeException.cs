namespace NativeCnn.Tensors;

/// <summary>Sizes that do not fit: the message names the layer or operation and the shapes.</summary>
public sealed class ShapeException : ArgumentException
{
    /// <summary>An exception without a message.</summary>
    public ShapeException() { }

    /// <summary>An exception with a message.</summary>
    public ShapeException(string message)
        : base(message) { }

    /// <summary>An exception with a message and its cause.</summary>
    public ShapeException(string message, Exception innerException)
        : base(message, innerException) { }
}

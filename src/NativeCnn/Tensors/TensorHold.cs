namespace NativeCnn.Tensors;

/// <summary>Keeps a tensor's memory while it is in scope: made by <see cref="Tensor.Hold"/>.</summary>
public ref struct TensorHold
{
    private NativeBuffer? _buffer;

    internal TensorHold(NativeBuffer buffer)
    {
        buffer.Hold();
        _buffer = buffer;
    }

    /// <summary>Lets go of the memory, and frees it if its owner was disposed meanwhile.</summary>
    public void Dispose()
    {
        _buffer?.DangerousRelease();
        // A second end must not let go of what others hold.
        _buffer = null;
    }
}

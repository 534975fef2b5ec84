using System.Numerics;
using System.Runtime.InteropServices;

namespace NativeCnn.Tensors;

/// <summary>
/// A rank-4 array in native memory: batch × height × width × channels, contiguous, on a 64-byte boundary. A tensor
/// either owns its memory or is a view into memory that an arena or another tensor owns; views keep that memory alive.
/// </summary>
/// <remarks>
/// Disposing an owner frees the memory at once, or, while an operation uses it, when that has ended; using a tensor or
/// view after that throws. A tensor that nobody disposes is freed when the garbage collector finds that neither it nor
/// a view of it can be reached any more.
/// </remarks>
public sealed unsafe class Tensor : IDisposable
{
    private readonly NativeBuffer _buffer;
    private readonly long _offset;
    private readonly bool _owns;

    /// <summary>A tensor with zeroed memory of its own.</summary>
    public Tensor(Shape shape, ElementType type = ElementType.Float32)
        : this(shape, type, new NativeBuffer((long)shape.Count * type.Size()), 0, owns: true) { }

    internal Tensor(Shape shape, ElementType type, NativeBuffer buffer, long offset, bool owns = false)
    {
        long bytes = (long)shape.Count * type.Size();
        if (offset < 0 || offset > buffer.ByteCount - bytes)
            throw new ArgumentOutOfRangeException(
                nameof(offset),
                $"{shape} at byte {offset} passes the end of {buffer.ByteCount} bytes."
            );
        Shape = shape;
        Type = type;
        _buffer = buffer;
        _offset = offset;
        _owns = owns;
    }

    /// <summary>The sizes.</summary>
    public Shape Shape { get; }

    /// <summary>What an element is.</summary>
    public ElementType Type { get; }

    /// <summary>The number of elements.</summary>
    public int Count => Shape.Count;

    /// <summary>The size in memory.</summary>
    public long ByteCount => (long)Shape.Count * Type.Size();

    /// <summary>Whether the memory was freed.</summary>
    public bool IsDisposed => _buffer.IsClosed;

    /// <summary>The elements of a <see cref="ElementType.Float32"/> tensor; see <see cref="AsSpan{T}"/>.</summary>
    /// <exception cref="InvalidOperationException">The tensor holds another type.</exception>
    /// <exception cref="ObjectDisposedException">The memory was freed.</exception>
    public Span<float> Span => AsSpan<float>();

    /// <summary>The elements, for as long as the memory is held.</summary>
    /// <remarks>
    /// A span is an address and holds nothing. It is valid while the tensor's owner is not disposed and this tensor is
    /// used later on: by <c>using</c>, by <see cref="Hold"/>, or by <see cref="GC.KeepAlive"/>. A span of a tensor that
    /// nobody else has (<c>new Tensor(…).Span</c>) may become invalid at any moment. A network that keeps its weights
    /// packed packs them anew after a span of them was taken, not after it was written: take a span for every change.
    /// </remarks>
    /// <exception cref="InvalidOperationException">
    /// The tensor holds another type than <typeparamref name="T"/>.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The memory was freed.</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged
    {
        if (ElementTypes.Of<T>() != Type)
            throw new InvalidOperationException($"A tensor of {Type} was read as {typeof(T).Name}.");
        _buffer.MarkWritten();
        return new Span<T>(Pointer, Count);
    }

    /// <summary>
    /// Keeps the memory until the result is disposed, whoever disposes the tensor or forgets it meanwhile:
    /// <c>using TensorHold hold = tensor.Hold();</c> before its span is read beside other threads. Allocates nothing.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The memory was freed.</exception>
    public TensorHold Hold() => new(_buffer);

    /// <summary>The memory, with that of an arena's other tensors.</summary>
    internal NativeBuffer Buffer => _buffer;

    /// <summary>The first byte; valid while this tensor is reachable and its owner not disposed.</summary>
    internal void* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_buffer.IsClosed, this);
            return _buffer.Pointer + _offset;
        }
    }

    /// <summary>The first element of a <see cref="ElementType.Float32"/> tensor.</summary>
    internal float* Floats
    {
        get
        {
            if (Type != ElementType.Float32)
                throw new InvalidOperationException($"A tensor of {Type} was read as Single.");
            return (float*)Pointer;
        }
    }

    /// <summary>The same memory under another shape with as many elements.</summary>
    public Tensor View(Shape shape)
    {
        if (shape.Count != Shape.Count)
            throw new ShapeException(
                $"{Shape} has {Shape.Count} elements and cannot be viewed as {shape} with {shape.Count}."
            );
        return new Tensor(shape, Type, _buffer, _offset);
    }

    /// <summary>Sets every element to 0.</summary>
    public void Clear()
    {
        using TensorHold hold = Hold();
        NativeMemory.Clear(Pointer, (nuint)ByteCount);
        _buffer.MarkWritten();
    }

    /// <summary>Copies the elements into another tensor, converting between the two floating-point types.</summary>
    public void CopyTo(Tensor destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (destination.Count != Count)
            throw new ShapeException($"{Shape} cannot be copied into {destination.Shape}.");
        using TensorHold from = Hold();
        using TensorHold to = destination.Hold();
        if (Type == destination.Type)
            NativeMemory.Copy(Pointer, destination.Pointer, (nuint)ByteCount);
        else if (Type == ElementType.Float32 && destination.Type == ElementType.Float64)
            Convert<float, double>(AsSpan<float>(), destination.AsSpan<double>());
        else if (Type == ElementType.Float64 && destination.Type == ElementType.Float32)
            Convert<double, float>(AsSpan<double>(), destination.AsSpan<float>());
        else
            throw new InvalidOperationException($"{Type} cannot be copied into {destination.Type}.");
        destination._buffer.MarkWritten();
    }

    /// <summary>Frees the memory if this tensor owns it.</summary>
    public void Dispose()
    {
        if (_owns)
            _buffer.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Shape}";

    private static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> from, Span<TTo> to)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        for (int i = 0; i < from.Length; i++)
            to[i] = TTo.CreateTruncating(from[i]);
    }
}

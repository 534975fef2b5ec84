using System.Numerics;
using System.Runtime.InteropServices;

namespace NativeCnn.Tensors;

/// <summary>
/// A rank-4 array in native memory: batch × height × width × channels, contiguous, on a 64-byte boundary. A tensor
/// either owns its memory or is a view into memory that an arena or another tensor owns; views keep that memory alive.
/// </summary>
/// <remarks>Disposing an owner frees the memory at once; using a tensor or view after that throws.</remarks>
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
        if (offset < 0 || offset + bytes > buffer.ByteCount)
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

    /// <summary>The elements of a <see cref="ElementType.Float32"/> tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor holds another type.</exception>
    public Span<float> Span => AsSpan<float>();

    /// <summary>The elements.</summary>
    /// <exception cref="InvalidOperationException">
    /// The tensor holds another type than <typeparamref name="T"/>.
    /// </exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged
    {
        if (ElementTypes.Of<T>() != Type)
            throw new InvalidOperationException($"A tensor of {Type} was read as {typeof(T).Name}.");
        return new Span<T>(Pointer, Count);
    }

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
    public void Clear() => NativeMemory.Clear(Pointer, (nuint)ByteCount);

    /// <summary>Copies the elements into another tensor, converting between the two floating-point types.</summary>
    public void CopyTo(Tensor destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (destination.Count != Count)
            throw new ShapeException($"{Shape} cannot be copied into {destination.Shape}.");
        if (Type == destination.Type)
            NativeMemory.Copy(Pointer, destination.Pointer, (nuint)ByteCount);
        else if (Type == ElementType.Float32 && destination.Type == ElementType.Float64)
            Convert<float, double>(AsSpan<float>(), destination.AsSpan<double>());
        else if (Type == ElementType.Float64 && destination.Type == ElementType.Float32)
            Convert<double, float>(AsSpan<double>(), destination.AsSpan<float>());
        else
            throw new InvalidOperationException($"{Type} cannot be copied into {destination.Type}.");
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

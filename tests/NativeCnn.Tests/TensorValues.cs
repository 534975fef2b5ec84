using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Tests;

/// <summary>Tensors of any element type as arrays of float64, and back.</summary>
internal static class TensorValues
{
    /// <summary>A tensor with these values.</summary>
    public static Tensor Tensor(Shape shape, ElementType type, params ReadOnlySpan<double> values)
    {
        Tensor tensor = new(shape, type);
        Write(values, tensor);
        return tensor;
    }

    /// <summary>Sets every element, rounded to the tensor's type.</summary>
    public static void Write(ReadOnlySpan<double> values, Tensor tensor)
    {
        Assert.Equal(tensor.Count, values.Length);
        if (tensor.Type == ElementType.Float32)
            Convert(values, tensor.AsSpan<float>());
        else if (tensor.Type == ElementType.Float64)
            Convert(values, tensor.AsSpan<double>());
        else if (tensor.Type == ElementType.Byte)
            Convert(values, tensor.AsSpan<byte>());
        else if (tensor.Type == ElementType.UInt16)
            Convert(values, tensor.AsSpan<ushort>());
        else
            Convert(values, tensor.AsSpan<int>());
    }

    /// <summary>Every element.</summary>
    public static double[] Read(Tensor tensor)
    {
        var values = new double[tensor.Count];
        if (tensor.Type == ElementType.Float32)
            Convert<float, double>(tensor.AsSpan<float>(), values);
        else if (tensor.Type == ElementType.Float64)
            Convert<double, double>(tensor.AsSpan<double>(), values);
        else if (tensor.Type == ElementType.Byte)
            Convert<byte, double>(tensor.AsSpan<byte>(), values);
        else if (tensor.Type == ElementType.UInt16)
            Convert<ushort, double>(tensor.AsSpan<ushort>(), values);
        else
            Convert<int, double>(tensor.AsSpan<int>(), values);
        return values;
    }

    /// <summary>Every byte.</summary>
    public static unsafe byte[] Bytes(Tensor tensor) =>
        new ReadOnlySpan<byte>(tensor.Pointer, checked((int)tensor.ByteCount)).ToArray();

    private static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> from, Span<TTo> to)
        where TFrom : INumber<TFrom>
        where TTo : INumber<TTo>
    {
        for (int i = 0; i < from.Length; i++)
            to[i] = TTo.CreateChecked(from[i]);
    }
}

using System.Runtime.InteropServices;
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
        for (int i = 0; i < values.Length; i++)
        {
            switch (tensor.Type)
            {
                case ElementType.Float32:
                    tensor.AsSpan<float>()[i] = (float)values[i];
                    break;
                case ElementType.Float64:
                    tensor.AsSpan<double>()[i] = values[i];
                    break;
                case ElementType.Byte:
                    tensor.AsSpan<byte>()[i] = checked((byte)values[i]);
                    break;
                default:
                    tensor.AsSpan<ushort>()[i] = checked((ushort)values[i]);
                    break;
            }
        }
    }

    /// <summary>Every element.</summary>
    public static double[] Read(Tensor tensor) =>
        tensor.Type switch
        {
            ElementType.Float32 => Array.ConvertAll(tensor.AsSpan<float>().ToArray(), value => (double)value),
            ElementType.Float64 => tensor.AsSpan<double>().ToArray(),
            ElementType.Byte => Array.ConvertAll(tensor.AsSpan<byte>().ToArray(), value => (double)value),
            _ => Array.ConvertAll(tensor.AsSpan<ushort>().ToArray(), value => (double)value),
        };

    /// <summary>Every byte.</summary>
    public static byte[] Bytes(Tensor tensor) =>
        tensor.Type switch
        {
            ElementType.Float32 => MemoryMarshal.AsBytes(tensor.AsSpan<float>()).ToArray(),
            ElementType.Float64 => MemoryMarshal.AsBytes(tensor.AsSpan<double>()).ToArray(),
            ElementType.Byte => tensor.AsSpan<byte>().ToArray(),
            _ => MemoryMarshal.AsBytes(tensor.AsSpan<ushort>()).ToArray(),
        };
}

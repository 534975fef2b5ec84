using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Verification;

/// <summary>Where two tensors differ most.</summary>
/// <param name="Index">The element.</param>
/// <param name="Expected">The one's value there.</param>
/// <param name="Actual">The other's.</param>
/// <param name="Error">By how much they differ; infinite where one alone is NaN or they are unlike infinities.</param>
/// <param name="FiniteError">The largest difference that is finite.</param>
internal readonly record struct WorstElement(
    long Index,
    double Expected,
    double Actual,
    double Error,
    double FiniteError
);

/// <summary>Looks at tensors of any element type.</summary>
internal static class TensorValues
{
    /// <summary>The largest finite magnitude.</summary>
    public static double Largest(Tensor tensor)
    {
        using TensorHold hold = tensor.Hold();
        return tensor.Type switch
        {
            ElementType.Float32 => Largest<float>(tensor.Span),
            ElementType.Float64 => Largest<double>(tensor.AsSpan<double>()),
            _ => 0,
        };
    }

    /// <summary>Where two tensors of one type and size differ most; NaN equals NaN.</summary>
    public static WorstElement Worst(Tensor expected, Tensor actual)
    {
        using TensorHold hold = expected.Hold();
        using TensorHold other = actual.Hold();
        return expected.Type switch
        {
            ElementType.Float32 => Worst<float>(expected.Span, actual.Span),
            ElementType.Float64 => Worst<double>(expected.AsSpan<double>(), actual.AsSpan<double>()),
            ElementType.Byte => Worst<byte>(expected.AsSpan<byte>(), actual.AsSpan<byte>()),
            ElementType.UInt16 => Worst<ushort>(expected.AsSpan<ushort>(), actual.AsSpan<ushort>()),
            _ => Worst<int>(expected.AsSpan<int>(), actual.AsSpan<int>()),
        };
    }

    private static double Largest<T>(ReadOnlySpan<T> values)
        where T : struct, INumber<T>
    {
        T largest = T.Zero;
        foreach (T value in values)
        {
            if (T.IsFinite(value))
                largest = T.Max(largest, T.Abs(value));
        }
        return double.CreateTruncating(largest);
    }

    private static WorstElement Worst<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> actual)
        where T : struct, INumber<T>
    {
        var worst = new WorstElement(0, double.CreateTruncating(expected[0]), double.CreateTruncating(actual[0]), 0, 0);
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i] == actual[i])
                continue;
            double a = double.CreateTruncating(expected[i]);
            double b = double.CreateTruncating(actual[i]);
            double error = TensorCheck.Difference(a, b);
            double finite = double.IsFinite(error) ? Math.Max(worst.FiniteError, error) : worst.FiniteError;
            worst = error > worst.Error ? new(i, a, b, error, finite) : worst with { FiniteError = finite };
        }
        return worst;
    }
}

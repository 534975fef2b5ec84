using System.Numerics;
using System.Runtime.CompilerServices;

namespace NativeCnn.Backends.Native;

/// <summary>A vector of channels, the last of which may be missing.</summary>
internal static unsafe class Lanes
{
    /// <summary>The channels of a vector.</summary>
    public static int Count => Vector<float>.Count;

    /// <summary>Reads n of them, 1 or more; the rest are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Load(float* from, int n) =>
        n == Vector<float>.Count ? Unsafe.ReadUnaligned<Vector<float>>(from) : LoadSome(from, n);

    /// <summary>Writes n of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector<float> values, float* to, int n)
    {
        if (n == Vector<float>.Count)
            Unsafe.WriteUnaligned(to, values);
        else
            StoreSome(values, to, n);
    }

    private static Vector<float> LoadSome(float* from, int n)
    {
        Vector<float> values = Vector<float>.Zero;
        float* places = (float*)&values;
        for (int k = 0; k < n; k++)
            places[k] = from[k];
        return values;
    }

    private static void StoreSome(Vector<float> values, float* to, int n)
    {
        float* places = (float*)&values;
        for (int k = 0; k < n; k++)
            to[k] = places[k];
    }
}

/// <summary>
/// A vector of sums in float64: however many terms are added, the error is that of rounding the result once.
/// </summary>
internal struct WideSum
{
    private Vector<double> _low;
    private Vector<double> _high;

    /// <summary>Adds a term.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector<float> term)
    {
        Vector.Widen(term, out Vector<double> low, out Vector<double> high);
        _low += low;
        _high += high;
    }

    /// <summary>Adds a scaled term.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector<float> term, double scale)
    {
        Vector.Widen(term, out Vector<double> low, out Vector<double> high);
        _low += low * scale;
        _high += high * scale;
    }

    /// <summary>Adds a product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddProduct(Vector<float> a, Vector<float> b)
    {
        Vector.Widen(a, out Vector<double> lowA, out Vector<double> highA);
        Vector.Widen(b, out Vector<double> lowB, out Vector<double> highB);
        _low += lowA * lowB;
        _high += highA * highB;
    }

    /// <summary>Adds scaled quotients, 0 where the divisor is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddQuotient(Vector<float> a, Vector<float> divisor, double scale)
    {
        Vector.Widen(a, out Vector<double> lowA, out Vector<double> highA);
        Vector.Widen(divisor, out Vector<double> low, out Vector<double> high);
        Vector<double> zero = Vector<double>.Zero;
        _low += Vector.ConditionalSelect(Vector.Equals(low, zero), zero, lowA * scale / low);
        _high += Vector.ConditionalSelect(Vector.Equals(high, zero), zero, highA * scale / high);
    }

    /// <summary>The sums, scaled and rounded.</summary>
    public readonly Vector<float> Scaled(double scale) => Vector.Narrow(_low * scale, _high * scale);

    /// <summary>The sums, rounded.</summary>
    public readonly Vector<float> Rounded => Vector.Narrow(_low, _high);

    /// <summary>The sums times other values, rounded.</summary>
    public readonly Vector<float> Times(Vector<float> factors)
    {
        Vector.Widen(factors, out Vector<double> low, out Vector<double> high);
        return Vector.Narrow(_low * low, _high * high);
    }

    /// <summary>The square roots of the scaled sums, rounded.</summary>
    public readonly Vector<float> Root(double scale) =>
        Vector.Narrow(Vector.SquareRoot(_low * scale), Vector.SquareRoot(_high * scale));
}

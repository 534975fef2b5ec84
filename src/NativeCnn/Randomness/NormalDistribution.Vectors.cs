using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeCnn.Randomness;

// Several values at a time by the same operations in the same order, so that each has the bits of the scalar function.
internal static partial class NormalDistribution
{
    /// <summary>Whether the approximation of the centre is that of <paramref name="p"/>.</summary>
    public static bool IsCentral(double p) => Math.Abs(p - 0.5) <= CentralHalfWidth;

    /// <summary><see cref="InverseCumulative"/> where p is central; elsewhere what means nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> InverseCumulativeCentral(Vector<double> p)
    {
        Vector<double> q = p - new Vector<double>(0.5);
        Vector<double> centre = new Vector<double>(CentralHalfWidth * CentralHalfWidth) - q * q;
        return q * Polynomial(CentralNumerator, centre) / Polynomial(CentralDenominator, centre);
    }

    /// <summary><see cref="InverseCumulative"/> of each of some values outside the centre, in their place.</summary>
    /// <param name="values">Whole vectors; what is behind the count may change.</param>
    /// <param name="count">How many there are.</param>
    public static void InverseCumulativeOfTails(Span<double> values, int count)
    {
        // Any tail, where a vector is not full.
        const double Filler = 1.0 / 64;

        int vectors = (count + Vector<double>.Count - 1) / Vector<double>.Count;
        values[count..(vectors * Vector<double>.Count)].Fill(Filler);
        foreach (ref Vector<double> vector in MemoryMarshal.Cast<double, Vector<double>>(values)[..vectors])
        {
            Vector<double> distance = TailDistance(vector);
            if (Vector.LessThanOrEqualAll(distance, new Vector<double>(FarTail)))
                vector = Near(vector, distance);
            else
                Far(ref vector);
        }
    }

    private static Vector<double> Near(Vector<double> p, Vector<double> distance)
    {
        Vector<double> t = distance - new Vector<double>(1.6);
        Vector<double> x = Polynomial(NearNumerator, t) / Polynomial(NearDenominator, t);
        return Vector.ConditionalSelect(Vector.LessThan(p - new Vector<double>(0.5), Vector<double>.Zero), -x, x);
    }

    // One value in some ten thousand million is that far out.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Far(ref Vector<double> vector)
    {
        foreach (ref double value in MemoryMarshal.Cast<Vector<double>, double>(new Span<Vector<double>>(ref vector)))
            value = InverseCumulative(value);
    }

    // √−ln of the probability on the nearer side.
    private static Vector<double> TailDistance(Vector<double> p)
    {
        Vector<long> isLower = Vector.LessThan(p - new Vector<double>(0.5), Vector<double>.Zero);
        return Vector.SquareRoot(-Log(Vector.ConditionalSelect(isLower, p, Vector<double>.One - p)));
    }

    private static Vector<double> Log(Vector<double> x)
    {
        // 2^52 + k is exact, and its bits are those of 2^52 with k in the fraction.
        const ulong BitsOfTwoTo52 = 0x4330_0000_0000_0000;
        const double TwoTo52 = 1UL << MantissaBits;

        Vector<ulong> bits = Vector.AsVectorUInt64(x);
        Vector<ulong> biased = bits >>> MantissaBits;
        Vector<double> exponent =
            Vector.AsVectorDouble(biased | new Vector<ulong>(BitsOfTwoTo52)) - new Vector<double>(TwoTo52 + Bias);
        Vector<ulong> mantissa = bits & new Vector<ulong>((1UL << MantissaBits) - 1);
        Vector<double> m = Vector.AsVectorDouble(mantissa | new Vector<ulong>((ulong)Bias << MantissaBits));
        Vector<long> isLarge = Vector.GreaterThanOrEqual(m, new Vector<double>(Sqrt2));
        m = Vector.ConditionalSelect(isLarge, m * 0.5, m);
        exponent = Vector.ConditionalSelect(isLarge, exponent + Vector<double>.One, exponent);
        Vector<double> s = (m - Vector<double>.One) / (m + Vector<double>.One);
        Vector<double> square = s * s;
        Vector<double> series = new(SeriesCoefficients[0]);
        foreach (double coefficient in SeriesCoefficients[1..])
            series = series * square + new Vector<double>(coefficient);
        return exponent * Ln2 + 2.0 * s * series;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Polynomial(ReadOnlySpan<double> coefficients, Vector<double> x)
    {
        Vector<double> sum = new(coefficients[0]);
        for (int i = 1; i < coefficients.Length; i++)
            sum = sum * x + new Vector<double>(coefficients[i]);
        return sum;
    }
}

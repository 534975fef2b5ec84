using System.Runtime.InteropServices;
using Xunit.Sdk;

namespace NativeCnn.Tests;

/// <summary>How far a value may be from the expected one: |a − b| ≤ Absolute + Relative · |b|.</summary>
public readonly record struct Tolerance(double Absolute, double Relative)
{
    /// <summary>Half the distance from 1 to the next float: the largest relative error of one rounding to float32.</summary>
    private const double Rounding = 1.0 / (1 << 24);

    /// <summary>Equal values (0 equals −0).</summary>
    public static Tolerance Exact => default;

    /// <summary>
    /// A float32 result that was computed in float64 and rounded a few times at the end, however long its sum is. What is
    /// below the normal float32 numbers may be lost.
    /// </summary>
    public static Tolerance RoundedAtTheEnd => new(1.2e-38, 4 * Rounding);

    /// <summary>
    /// A sum of <paramref name="length"/> products of float32 values between −1 and 1, summed in float32 in any order.
    /// </summary>
    /// <remarks>
    /// Linear in the length: signs are random, so partial sums grow like √i, the i-th rounding errs by up to √i · 2⁻²⁴, and
    /// n such errors add up, as a random walk, to √(Σ i) · 2⁻²⁴, which grows like n. The factor 2 covers a product's own
    /// rounding and the largest of many elements. The relative part covers functions of the sum (exp, tanh).
    /// </remarks>
    public static Tolerance OfSum(int length) =>
        length == 0 ? Exact : new(2 * Rounding * Math.Max(length, 4), 16 * Rounding);

    /// <summary>
    /// A sum of <paramref name="length"/> products of values between −1 and 1 by Winograd's algorithm in its largest tiles: the shim's
    /// bound of 96 roundings of the largest sum of absolute products, which for random values is below half their number.
    /// </summary>
    public static Tolerance OfWinograd(int length) => new(96 * Rounding * Math.Max(length, 4) / 2, 16 * Rounding);

    /// <summary>A derivative by central differences of step <see cref="DifferenceStep"/> in float64.</summary>
    /// <remarks>The truncation error is step² · f''' / 6 and the rounding error 10⁻¹⁶ · loss / step, both about 10⁻¹⁰.</remarks>
    public static Tolerance OfDifferences => new(2e-9, 1e-8);

    /// <summary>The one step of all central differences.</summary>
    public const double DifferenceStep = 1e-5;

    /// <inheritdoc/>
    public override string ToString() => $"{Absolute:g3} + {Relative:g3}·|expected|";
}

/// <summary>The one rule by which tests compare numbers.</summary>
public static class Comparison
{
    /// <summary>Fails unless every actual value is within the tolerance of the expected one. NaN is within no tolerance.</summary>
    public static void Close(
        ReadOnlySpan<double> expected,
        ReadOnlySpan<double> actual,
        Tolerance tolerance,
        string what
    )
    {
        if (expected.Length != actual.Length)
            throw new XunitException($"{what}: {actual.Length} values, expected {expected.Length}.");
        int wrong = 0;
        string first = "";
        for (int i = 0; i < expected.Length; i++)
        {
            double allowed = tolerance.Absolute + tolerance.Relative * Math.Abs(expected[i]);
            if (Math.Abs(actual[i] - expected[i]) <= allowed)
                continue;
            if (wrong++ == 0)
                first = $"[{i}] is {actual[i]:r}, expected {expected[i]:r} ± {allowed:g3} ({tolerance})";
        }
        if (wrong > 0)
            throw new XunitException($"{what}{first}; {wrong} of {expected.Length} are wrong.");
    }

    /// <summary>As <see cref="Close(ReadOnlySpan{double}, ReadOnlySpan{double}, Tolerance, string)"/> for one value.</summary>
    public static void Close(double expected, double actual, Tolerance tolerance, string what) =>
        Close([expected], [actual], tolerance, what);

    /// <summary>Fails unless both hold the same bits: NaN equals the same NaN, 0 differs from −0.</summary>
    public static void SameBits<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, string what)
        where T : unmanaged
    {
        ReadOnlySpan<byte> expectedBytes = MemoryMarshal.AsBytes(expected);
        ReadOnlySpan<byte> actualBytes = MemoryMarshal.AsBytes(actual);
        int same = expectedBytes.CommonPrefixLength(actualBytes);
        if (same == expectedBytes.Length && same == actualBytes.Length)
            return;
        int i = same / Marshal.SizeOf<T>();
        throw new XunitException(
            i < Math.Min(expected.Length, actual.Length)
                ? $"{what}: bits differ first at [{i}]: {actual[i]}, expected {expected[i]}."
                : $"{what}: {actual.Length} values, expected {expected.Length}."
        );
    }
}

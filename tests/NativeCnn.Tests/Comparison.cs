global using Tolerance = NativeCnn.Backends.Tolerance;
using System.Runtime.InteropServices;
using Xunit.Sdk;

namespace NativeCnn.Tests;

/// <summary>What tests add to the engine's rule.</summary>
internal static class Tolerances
{
    extension(Tolerance)
    {
        /// <summary>
        /// A float32 result that was computed in float64 and rounded a few times at the end, however long its sum is.
        /// What is below the normal float32 numbers may be lost.
        /// </summary>
        public static Tolerance RoundedAtTheEnd => new(1.2e-38, 4 * Tolerance.Rounding);

        /// <summary>A derivative by central differences of step <c>DifferenceStep</c> in float64.</summary>
        /// <remarks>
        /// The truncation error is step² · f''' / 6 and the rounding error 10⁻¹⁶ · loss / step, both about 10⁻¹⁰.
        /// </remarks>
        public static Tolerance OfDifferences => new(2e-9, 1e-8);

        /// <summary>The one step of all central differences.</summary>
        public static double DifferenceStep => 1e-5;
    }
}

/// <summary>The one rule by which tests compare numbers.</summary>
internal static class Comparison
{
    /// <summary>
    /// Fails unless every actual value is within the tolerance of the expected one. NaN is within no tolerance.
    /// </summary>
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
            if (tolerance.Allows(expected[i], actual[i]))
                continue;
            double allowed = tolerance.Around(expected[i]);
            if (wrong++ == 0)
                first = $"[{i}] is {actual[i]:r}, expected {expected[i]:r} ± {allowed:g3} ({tolerance})";
        }
        if (wrong > 0)
            throw new XunitException($"{what}{first}; {wrong} of {expected.Length} are wrong.");
    }

    /// <summary>
    /// As <see cref="Close(ReadOnlySpan{double}, ReadOnlySpan{double}, Tolerance, string)"/> for one value.
    /// </summary>
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

using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>Inputs for benchmarks, and the rule by which a result is checked before it is timed.</summary>
internal static class BenchmarkData
{
    /// <summary>A tensor of normal random values.</summary>
    public static Tensor Noise(Shape shape, ulong seed)
    {
        var tensor = new Tensor(shape);
        var random = new RandomStream(seed);
        foreach (ref float value in tensor.Span)
            value = (float)random.NextGaussian();
        return tensor;
    }

    /// <summary>How far a sum of n products may be off, in units of √n: rounding grows with the root of the terms.</summary>
    public const double SumTolerance = 1e-5;

    /// <summary>Fails unless a float32 sum of so many products of normal values is near its value in float64.</summary>
    /// <exception cref="InvalidOperationException">It is not; the message says what is wrong.</exception>
    public static void Check(double expected, double actual, int terms, string what, double tolerance = SumTolerance)
    {
        if (!IsNear(expected, actual, terms, tolerance))
            throw new InvalidOperationException($"The result of {what} is wrong: {actual} instead of {expected}.");
    }

    /// <summary>Checks a whole tensor against another.</summary>
    /// <exception cref="InvalidOperationException">A value is wrong; the message has the first.</exception>
    public static void Check(Tensor expected, Tensor actual, int terms, string what, double tolerance = SumTolerance)
    {
        ReadOnlySpan<float> values = actual.Span;
        ReadOnlySpan<float> references = expected.Span;
        for (int i = 0; i < references.Length; i++)
        {
            if (!IsNear(references[i], values[i], terms, tolerance))
                Check(references[i], values[i], terms, $"{what} at {i}", tolerance);
        }
    }

    // NaN is not near.
    private static bool IsNear(double expected, double actual, int terms, double tolerance) =>
        Math.Abs(actual - expected) <= tolerance * Math.Sqrt(terms) + 1e-5 * Math.Abs(expected);
}

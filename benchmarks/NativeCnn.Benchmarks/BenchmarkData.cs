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

    /// <summary>Fails unless a float32 sum of so many products of normal values is near its value in float64.</summary>
    /// <exception cref="InvalidOperationException">It is not; the message says what is wrong.</exception>
    public static void Check(double expected, double actual, int terms, string what)
    {
        if (!IsNear(expected, actual, terms))
            throw new InvalidOperationException($"The result of {what} is wrong: {actual} instead of {expected}.");
    }

    /// <summary>Checks a whole tensor against another.</summary>
    /// <exception cref="InvalidOperationException">A value is wrong; the message has the first.</exception>
    public static void Check(Tensor expected, Tensor actual, int terms, string what)
    {
        ReadOnlySpan<float> values = actual.Span;
        ReadOnlySpan<float> references = expected.Span;
        for (int i = 0; i < references.Length; i++)
        {
            if (!IsNear(references[i], values[i], terms))
                Check(references[i], values[i], terms, $"{what} at {i}");
        }
    }

    // Rounding grows with the root of the terms; Winograd rounds some ten to fifty times more than a plain sum. NaN is not near.
    private static bool IsNear(double expected, double actual, int terms) =>
        Math.Abs(actual - expected) <= 5e-5 * Math.Sqrt(terms) + 1e-5 * Math.Abs(expected);
}

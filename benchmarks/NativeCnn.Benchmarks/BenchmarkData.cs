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
    public static void Check(double expected, double actual, int terms)
    {
        double tolerance = 1e-5 * Math.Sqrt(terms) + 1e-5 * Math.Abs(expected);
        if (!(Math.Abs(actual - expected) <= tolerance))
            throw new InvalidOperationException($"The result is wrong: {actual} instead of {expected}.");
    }

    /// <summary>Checks a whole tensor against another.</summary>
    public static void Check(Tensor expected, Tensor actual, int terms)
    {
        ReadOnlySpan<float> values = actual.Span;
        ReadOnlySpan<float> references = expected.Span;
        for (int i = 0; i < references.Length; i++)
            Check(references[i], values[i], terms);
    }
}

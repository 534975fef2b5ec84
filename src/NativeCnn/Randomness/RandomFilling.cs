using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeCnn.Randomness;

/// <summary>
/// Fills memory with what a stream draws, several values at a time: the bits are those of as many draws one after
/// another, on every processor, since each value has its own number in the stream and no rounding is left out or moved.
/// </summary>
internal static class RandomFilling
{
    // Values of which those in the tails are computed together: their places and probabilities stay in the first cache.
    private const int BlockLength = 512;

    // Probabilities are odd multiples of 2^−53.
    private const int DiscardedBits = 12;
    private const ulong BitsOfOne = 0x3FF0_0000_0000_0000;
    private const double HalfStep = 1.0 / (1UL << 53);

    /// <summary>Writes deviation · <see cref="RandomStream.NextGaussian"/> as float32.</summary>
    /// <param name="values">Where they go.</param>
    /// <param name="deviation">What each is multiplied by.</param>
    /// <param name="random">What draws; it advances by one draw for each value.</param>
    [SkipLocalsInit]
    public static void Normal(Span<float> values, double deviation, ref RandomStream random)
    {
        Span<double> probabilities = stackalloc double[BlockLength];
        Span<int> places = stackalloc int[BlockLength];
        Span<double> tails = stackalloc double[BlockLength];
        while (values.Length >= BlockLength)
        {
            Span<float> block = values[..BlockLength];
            DrawCentral(block, probabilities, deviation, ref random);
            int count = 0;
            for (int i = 0; i < BlockLength; i++)
            {
                // Written in any case, and kept by counting: which is a tail cannot be foreseen.
                places[count] = i;
                tails[count] = probabilities[i];
                count += NormalDistribution.IsCentral(probabilities[i]) ? 0 : 1;
            }
            NormalDistribution.InverseCumulativeOfTails(tails, count);
            for (int tail = 0; tail < count; tail++)
                block[places[tail]] = (float)(deviation * tails[tail]);
            values = values[BlockLength..];
        }
        foreach (ref float value in values)
            value = (float)(deviation * random.NextGaussian());
    }

    /// <summary>Writes bound · (2 · <see cref="RandomStream.NextDouble"/> − 1) as float32.</summary>
    /// <param name="values">Where they go.</param>
    /// <param name="bound">The largest absolute value.</param>
    /// <param name="random">What draws; it advances by one draw for each value.</param>
    public static void Uniform(Span<float> values, double bound, ref RandomStream random)
    {
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (ref Vector<float> vector in vectors)
        {
            Vector<double> low = bound * UniformAroundZero(random.NextVector());
            vector = Vector.Narrow(low, bound * UniformAroundZero(random.NextVector()));
        }
        foreach (ref float value in values[(vectors.Length * Vector<float>.Count)..])
            value = (float)(bound * (2 * random.NextDouble() - 1));
    }

    // Everywhere the value that is right in the centre; the tails are written over.
    private static void DrawCentral(
        Span<float> block,
        Span<double> probabilities,
        double deviation,
        ref RandomStream random
    )
    {
        Span<Vector<double>> drawn = MemoryMarshal.Cast<double, Vector<double>>(probabilities);
        int next = 0;
        foreach (ref Vector<float> vector in MemoryMarshal.Cast<float, Vector<float>>(block))
        {
            Vector<double> low = drawn[next++] = Probability(random.NextVector());
            Vector<double> high = drawn[next++] = Probability(random.NextVector());
            vector = Vector.Narrow(
                deviation * NormalDistribution.InverseCumulativeCentral(low),
                deviation * NormalDistribution.InverseCumulativeCentral(high)
            );
        }
        Debug.Assert(next * Vector<double>.Count == BlockLength, "A block is made of whole vectors.");
    }

    // (k + ½)·2^−52 of the upper 52 bits k: exact at every step.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Probability(Vector<ulong> bits) =>
        MultipleInUnit(bits >>> DiscardedBits) + new Vector<double>(HalfStep);

    // 2d − 1 of the upper 53 bits d: a conversion takes 52 exactly, the last is added.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> UniformAroundZero(Vector<ulong> bits)
    {
        Vector<ulong> last = Vector<ulong>.Zero - ((bits >>> (DiscardedBits - 1)) & Vector<ulong>.One);
        Vector<double> half = Vector.AsVectorDouble(last & Vector.AsVectorUInt64(new Vector<double>(HalfStep)));
        return 2.0 * (MultipleInUnit(bits >>> DiscardedBits) + half) - Vector<double>.One;
    }

    // k·2^−52 for k < 2^52: the fraction of a number between 1 and 2, less 1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> MultipleInUnit(Vector<ulong> k) =>
        Vector.AsVectorDouble(k | new Vector<ulong>(BitsOfOne)) - Vector<double>.One;
}

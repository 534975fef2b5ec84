using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace NativeCnn.Randomness;

/// <summary>
/// A counter-based generator: the n-th value is SplitMix64's mixing function of key + n·0x9E3779B97F4A7C15, where seed
/// and stream number together make the key. Two streams of one seed are independent, so that each example, layer or
/// epoch draws from its own. Every operation is integer arithmetic or exactly rounded IEEE arithmetic in a fixed order:
/// the same bits on every machine.
/// </summary>
/// <remarks>
/// A mutable value: pass it by reference, since a copy repeats what the original draws. Not for cryptography. Steele,
/// Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "A stream of random numbers, not of bytes: the field's term.")]
public struct RandomStream
{
    private const ulong Increment = 0x9E3779B97F4A7C15;
    private const ulong MixFirst = 0xBF58476D1CE4E5B9;
    private const ulong MixSecond = 0x94D049BB133111EB;

    private readonly ulong _key;
    private ulong _counter;

    /// <summary>The start of one stream of a seed.</summary>
    public RandomStream(ulong seed, ulong stream = 0) =>
        _key = unchecked(Mix(Mix(seed + Increment) ^ (stream * Increment)));

    /// <summary>
    /// This stream after <paramref name="draws"/> more draws of 64 bits, at once: what lets threads share one stream.
    /// </summary>
    public readonly RandomStream After(ulong draws) => this with { _counter = unchecked(_counter + draws) };

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64() => unchecked(Mix(_key + ++_counter * Increment));

    /// <summary>As many draws as a vector has elements, in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Vector<ulong> NextVector()
    {
        ulong counter = _counter;
        _counter = unchecked(counter + (ulong)Vector<ulong>.Count);
        ulong first = unchecked(_key + (counter + 1) * Increment);
        return Mix(new Vector<ulong>(first) + Steps);
    }

    /// <summary>A uniform multiple of 2^−53 in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniform multiple of 2^−24 in [0, 1).</summary>
    public float NextSingle() => (NextUInt64() >> 40) * (1.0f / (1 << 24));

    /// <summary>
    /// A uniform integer in [0, <paramref name="bound"/>), without bias: the high half of a 64×64-bit product, its few
    /// over-represented values drawn again. Lemire, "Fast random integer generation in an interval", 2019.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is below 1.</exception>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        ulong range = (ulong)bound;
        ulong high = Math.BigMul(NextUInt64(), range, out ulong low);
        if (low < range)
        {
            ulong threshold = unchecked(0 - range) % range;
            while (low < threshold)
                high = Math.BigMul(NextUInt64(), range, out low);
        }
        return (int)high;
    }

    /// <summary>
    /// A value of the normal distribution with mean 0 and variance 1: the inverse distribution function of a uniform
    /// value.
    /// </summary>
    public double NextGaussian() =>
        NormalDistribution.InverseCumulative(((NextUInt64() >> 12) + 0.5) * (1.0 / (1UL << 52)));

    /// <summary>Puts the values into a uniformly random order. Fisher and Yates, as Durstenfeld 1964.</summary>
    public void Shuffle(Span<int> values)
    {
        for (int last = values.Length - 1; last > 0; last--)
        {
            int other = NextInt(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }

    private static Vector<ulong> Steps { get; } = Vector<ulong>.Indices * Increment;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<ulong> Mix(Vector<ulong> z)
    {
        z = (z ^ (z >>> 30)) * MixFirst;
        z = (z ^ (z >>> 27)) * MixSecond;
        return z ^ (z >>> 31);
    }

    private static ulong Mix(ulong z)
    {
        z = unchecked((z ^ (z >> 30)) * MixFirst);
        z = unchecked((z ^ (z >> 27)) * MixSecond);
        return z ^ (z >> 31);
    }
}

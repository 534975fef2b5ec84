using NativeCnn.Randomness;

namespace NativeCnn.Tests.Randomness;

public class RandomStreamTests
{
    /// <summary>Values of a Python program of the same definition.</summary>
    [Fact]
    public void First_values_never_change()
    {
        RandomStream random = new(1);
        ulong[] first = [random.NextUInt64(), random.NextUInt64(), random.NextUInt64()];
        RandomStream other = new(1, 2);
        Assert.Equal([0x6EC85F1F8547BC0C, 0x6CF63AFCC21A470A, 0x8A27B94CFF7526AA], first);
        Assert.Equal(0x8C647D4BC9D6B599UL, other.NextUInt64());
    }

    [Fact]
    public void First_gaussians_never_change()
    {
        RandomStream random = new(7);
        long[] bits = new long[4];
        for (int i = 0; i < bits.Length; i++)
            bits[i] = BitConverter.DoubleToInt64Bits(random.NextGaussian());
        Assert.Equal([4610093637468169447, 4607963448582250793, 4608478972295671266, -4613765754341841571], bits);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public void A_jump_is_as_many_draws(int draws)
    {
        RandomStream random = new(19, 4);
        random.NextUInt64();
        RandomStream jumped = random.After((ulong)draws);
        for (int i = 0; i < draws; i++)
            random.NextUInt64();
        Assert.Equal(random.NextUInt64(), jumped.NextUInt64());
    }

    [Fact]
    public void Seeds_and_streams_differ()
    {
        HashSet<ulong> seen = [];
        for (ulong seed = 0; seed < 100; seed++)
        for (ulong stream = 0; stream < 100; stream++)
            Assert.True(seen.Add(new RandomStream(seed, stream).NextUInt64()), $"Seed {seed}, stream {stream}");
    }

    [Fact]
    public void Uniform_values_have_the_moments_of_the_uniform_distribution()
    {
        const int Count = 200_000;
        RandomStream random = new(3);
        double sum = 0,
            squares = 0,
            lagged = 0,
            previous = 0.5;
        for (int i = 0; i < Count; i++)
        {
            double value = i % 2 == 0 ? random.NextDouble() : random.NextSingle();
            Assert.True(value is >= 0 and < 1);
            sum += value - 0.5;
            squares += (value - 0.5) * (value - 0.5);
            lagged += (value - 0.5) * (previous - 0.5);
            previous = value;
        }
        // Five standard errors of each mean.
        Assert.InRange(sum / Count, -5 * Math.Sqrt(1.0 / 12 / Count), 5 * Math.Sqrt(1.0 / 12 / Count));
        Assert.InRange(squares / Count - 1.0 / 12, -5 * Math.Sqrt(1.0 / 180 / Count), 5 * Math.Sqrt(1.0 / 180 / Count));
        Assert.InRange(lagged / Count, -5.0 / 12 / Math.Sqrt(Count), 5.0 / 12 / Math.Sqrt(Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(1000)]
    public void Integers_fall_evenly_below_the_bound(int bound)
    {
        const int PerValue = 1000;
        RandomStream random = new(11, (ulong)bound);
        int[] counts = new int[bound];
        for (int i = 0; i < bound * PerValue; i++)
            counts[random.NextInt(bound)]++;
        double chiSquare = counts.Sum(count => (count - PerValue) * (double)(count - PerValue) / PerValue);
        Assert.InRange(chiSquare, 0, bound - 1 + 5 * Math.Sqrt(2.0 * bound));
    }

    [Fact]
    public void The_largest_bound_is_reached_on_both_halves()
    {
        RandomStream random = new(5);
        int high = 0;
        for (int i = 0; i < 1000; i++)
        {
            int value = random.NextInt(int.MaxValue);
            Assert.InRange(value, 0, int.MaxValue - 1);
            high += value > int.MaxValue / 2 ? 1 : 0;
        }
        Assert.InRange(high, 420, 580);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_bound_below_one_is_refused(int bound)
    {
        RandomStream random = new(5);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(bound));
    }

    [Fact]
    public void Gaussians_have_the_moments_and_tails_of_the_normal_distribution()
    {
        const int Count = 200_000;
        RandomStream random = new(9);
        double sum = 0,
            squares = 0,
            fourth = 0;
        int beyondTwo = 0;
        for (int i = 0; i < Count; i++)
        {
            double value = random.NextGaussian();
            sum += value;
            squares += value * value;
            fourth += value * value * value * value;
            beyondTwo += Math.Abs(value) > 2 ? 1 : 0;
        }
        Assert.InRange(sum / Count, -5 / Math.Sqrt(Count), 5 / Math.Sqrt(Count));
        Assert.InRange(squares / Count, 1 - 5 * Math.Sqrt(2.0 / Count), 1 + 5 * Math.Sqrt(2.0 / Count));
        Assert.InRange(fourth / Count, 3 - 5 * Math.Sqrt(96.0 / Count), 3 + 5 * Math.Sqrt(96.0 / Count));
        Assert.InRange(beyondTwo / (double)Count, 0.0455 - 0.0024, 0.0455 + 0.0024);
    }

    /// <summary>Points of the normal distribution from Wichura's paper and from tables.</summary>
    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.25, -0.6744897501960817)]
    [InlineData(0.001, -3.090232306167813)]
    [InlineData(1e-20, -9.262340089798408)]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(0.9, 1.2815515655446004)]
    public void Inverse_distribution_function_has_the_tabulated_values(double p, double expected) =>
        Assert.Equal(expected, NormalDistribution.InverseCumulative(p), 4e-15 * Math.Max(1, Math.Abs(expected)));

    [Fact]
    public void Logarithm_agrees_with_the_library_to_rounding()
    {
        RandomStream random = new(13);
        for (int i = 0; i < 10_000; i++)
        {
            double x = Math.ScaleB(1 + random.NextDouble(), -random.NextInt(60));
            double expected = Math.Log(x);
            Assert.Equal(expected, NormalDistribution.Log(x), 4e-16 * Math.Max(1, Math.Abs(expected)));
        }
    }

    [Fact]
    public void Shuffle_reaches_every_order_equally_often()
    {
        const int Rounds = 24_000;
        RandomStream random = new(17);
        Dictionary<string, int> counts = [];
        for (int i = 0; i < Rounds; i++)
        {
            int[] order = [0, 1, 2, 3];
            random.Shuffle(order);
            string key = string.Join(' ', order);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        Assert.Equal(24, counts.Count);
        // 1,000 each; five standard deviations.
        Assert.All(counts.Values, count => Assert.InRange(count, 845, 1155));
    }
}

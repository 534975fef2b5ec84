using NativeCnn.Randomness;

namespace NativeCnn.Tests.Randomness;

public sealed class RandomFillingTests
{
    // Whole blocks and vectors, and what is left of them.
    public static TheoryData<int> Lengths => [0, 1, 7, 511, 512, 513, 1_000_003];

    private delegate void Filling(Span<float> values, double scale, ref RandomStream random);

    private delegate double Drawing(ref RandomStream random);

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Normal_values_are_those_drawn_one_by_one(int length) =>
        AreDrawnOneByOne(length, RandomFilling.Normal, (ref random) => random.NextGaussian());

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Uniform_values_are_those_drawn_one_by_one(int length) =>
        AreDrawnOneByOne(length, RandomFilling.Uniform, (ref random) => 2 * random.NextDouble() - 1);

    // The smallest and the largest probability that a stream draws, and both sides of where approximations change.
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(45)]
    public void Tails_are_those_computed_one_by_one(int count)
    {
        double[] edges =
        [
            1.0 / (1UL << 53),
            1 - 1.0 / (1UL << 53),
            1e-11,
            1.4e-11,
            1 - 1e-11,
            0.07,
            0.075 - 1e-16,
            0.93,
        ];
        for (int shift = 0; shift < edges.Length; shift++)
        {
            double[] values = new double[64];
            for (int i = 0; i < count; i++)
                values[i] = i % 5 == 0 ? edges[(i / 5 + shift) % edges.Length] : 0.07 / (i + shift);
            double[] expected = [.. values[..count].Select(NormalDistribution.InverseCumulative)];
            NormalDistribution.InverseCumulativeOfTails(values, count);
            Comparison.SameBits<double>(expected, values.AsSpan(0, count), $"tails from edge {shift} on");
        }
    }

    private static void AreDrawnOneByOne(int length, Filling fill, Drawing draw)
    {
        float[] filled = new float[length];
        float[] expected = new float[length];
        RandomStream random = new RandomStream(5, 3).After(11);
        RandomStream one = random;
        fill(filled, 0.37, ref random);
        foreach (ref float value in expected.AsSpan())
            value = (float)(0.37 * draw(ref one));
        Comparison.SameBits<float>(expected, filled, "values");
        Assert.Equal(one.NextUInt64(), random.NextUInt64());
    }
}

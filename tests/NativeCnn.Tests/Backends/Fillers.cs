namespace NativeCnn.Tests.Backends;

/// <summary>Writes values that float32 represents exactly, so that all backends start from the same numbers.</summary>
public delegate void Filler(Random random, Span<double> values);

/// <summary>The distributions that operands are drawn from.</summary>
internal static class Fillers
{
    /// <summary>Uniform between −1 and 1.</summary>
    public static readonly Filler Uniform = Between(-1, 1);

    /// <summary>−1 to 1 without the neighbourhood of 0, where ReLU and the absolute value have their kink.</summary>
    public static readonly Filler AwayFromZero = Each(random =>
        (random.Next(2) * 2 - 1) * (0.1f + 0.9f * random.NextSingle())
    );

    /// <summary>All different by far more than a difference's step, so that no maximum changes its place.</summary>
    public static readonly Filler AllDifferent = (random, values) =>
    {
        for (int k = 0; k < values.Length; k++)
            values[k] = 0.01f * k;
        random.Shuffle(values);
    };

    public static Filler Between(float least, float greatest) =>
        Each(random => least + (greatest - least) * random.NextSingle());

    /// <summary>Draws every value by itself.</summary>
    public static Filler Each(Func<Random, double> draw) =>
        (random, values) =>
        {
            foreach (ref double value in values)
                value = draw(random);
        };

    /// <summary>Values that a filler draws.</summary>
    public static double[] Draw(this Filler filler, Random random, int count)
    {
        var values = new double[count];
        filler(random, values);
        return values;
    }
}

using NativeCnn.Initializers;
using NativeCnn.Randomness;

namespace NativeCnn.Tests.Initializers;

public class InitializerTests
{
    private const int FanIn = 75;
    private const int FanOut = 1250;

    public static TheoryData<string, Initializer, double, bool> Families =>
        new()
        {
            { "LeCun normal", Initializer.LeCunNormal, 1.0 / FanIn, false },
            { "LeCun uniform", Initializer.LeCunUniform, 1.0 / FanIn, true },
            { "Glorot normal", Initializer.GlorotNormal, 2.0 / (FanIn + FanOut), false },
            { "Glorot uniform", Initializer.GlorotUniform, 2.0 / (FanIn + FanOut), true },
            { "2.4 over the fan", Initializer.LeCun1989, 2.4 * 2.4 / FanIn / FanIn / 3, true },
            { "He normal", Initializer.HeNormal, 2.0 / FanIn, false },
            { "He uniform", Initializer.HeUniform, 2.0 / FanIn, true },
        };

    [Theory]
    [MemberData(nameof(Families))]
    public void Mean_and_variance_are_the_published_ones(
        string name,
        Initializer initializer,
        double variance,
        bool uniform
    )
    {
        float[] values = Fill(initializer, 100_000, FanIn, FanOut);
        double error = 5 * Math.Sqrt(variance / values.Length);
        Assert.InRange(values.Average(v => (double)v), -error, error);
        Assert.InRange(values.Average(v => (double)v * v) / variance, 0.97, 1.03);
        double bound = Math.Sqrt(3 * variance);
        double largest = values.Max(Math.Abs);
        Assert.True(uniform ? largest <= bound && largest > 0.999 * bound : largest > 1.5 * bound, name);
    }

    [Theory]
    [InlineData(20, 75, 1)]
    [InlineData(75, 20, 1.5)]
    [InlineData(64, 64, 1)]
    [InlineData(1, 9, 2)]
    [InlineData(9, 1, 2)]
    public void Orthogonal_rows_or_columns_have_the_gain_as_length_and_are_at_right_angles(
        int rows,
        int columns,
        double gain
    )
    {
        float[] values = Fill(Initializer.Orthogonal(gain), rows * columns, columns, rows);
        bool byColumn = rows > columns;
        int count = Math.Min(rows, columns);
        for (int a = 0; a < count; a++)
        for (int b = 0; b < count; b++)
        {
            double dot = 0;
            for (int j = 0; j < Math.Max(rows, columns); j++)
                dot += byColumn
                    ? (double)values[j * columns + a] * values[j * columns + b]
                    : (double)values[a * columns + j] * values[b * columns + j];
            Assert.Equal(a == b ? gain * gain : 0, dot, 1e-6);
        }
    }

    [Fact]
    public void Orthogonal_refuses_values_that_are_not_rows_of_fan_in()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Fill(Initializer.Orthogonal(), 10, 3, 3));
        Assert.Contains("10", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constant_and_zero_fill()
    {
        Assert.All(Fill(Initializer.Constant(0.1f), 5, 1, 1), v => Assert.Equal(0.1f, v));
        Assert.All(Fill(Initializer.Zero, 5, 1, 1), v => Assert.Equal(0f, v));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Fans_below_one_are_refused(int fanIn, int fanOut) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Fill(Initializer.Zero, 1, fanIn, fanOut));

    /// <summary>Values of a Python program of the same definitions.</summary>
    [Fact]
    public void First_values_never_change()
    {
        float[] normal = Fill(Initializer.HeNormal, 2, FanIn, FanOut);
        float[] uniform = Fill(Initializer.GlorotUniform, 2, FanIn, FanOut);
        float[] orthogonal = Fill(Initializer.Orthogonal(), 9, 3, 3);
        Assert.Equal([-1126000152, -1124411963], normal.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal([-1139520273, -1138492411], uniform.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(1060914145, BitConverter.SingleToInt32Bits(orthogonal[8]));
    }

    private static float[] Fill(Initializer initializer, int count, int fanIn, int fanOut)
    {
        float[] values = new float[count];
        Array.Fill(values, float.NaN);
        RandomStream random = new(1);
        initializer.Fill(values, fanIn, fanOut, ref random);
        return values;
    }
}

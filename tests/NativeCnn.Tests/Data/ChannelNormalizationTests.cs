using NativeCnn.Data;
using NativeCnn.Randomness;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Data;

public sealed class ChannelNormalizationTests
{
    [Fact]
    public void Measured_on_a_set_it_gives_every_channel_mean_0_and_deviation_1()
    {
        var dataset = new Pictures(50);
        var measured = ChannelNormalization.Measure(dataset);
        IDataset normalized = new ExampleTransform { Normalization = measured }.ApplyTo(dataset);
        float[] values = new float[normalized.ExampleShape.Count];
        List<float>[] channels =
        [
            [],
            [],
            [],
        ];
        for (int i = 0; i < dataset.Count; i++)
        {
            normalized.Read(i, values);
            for (int k = 0; k < values.Length; k++)
                channels[k % 3].Add(values[k]);
        }
        foreach (List<float> channel in channels.Take(2))
        {
            double mean = channel.Average();
            Assert.Equal(0, mean, 1e-5);
            Assert.Equal(1, Math.Sqrt(channel.Average(v => (v - mean) * (v - mean))), 1e-4);
        }
        // The third has one value only.
        Assert.Equal(1, measured.Deviations[2]);
        Assert.All(channels[2], value => Assert.Equal(0, value, 1e-5));
    }

    [Fact]
    public void Some_examples_spread_over_the_set_stand_for_all()
    {
        var all = ChannelNormalization.Measure(new Pictures(2000));
        var some = ChannelNormalization.Measure(new Pictures(2000), most: 200);
        Assert.NotEqual(all, some);
        Assert.Equal(all.Means[0], some.Means[0], 1e-2);
        Assert.Throws<ArgumentOutOfRangeException>(() => ChannelNormalization.Measure(new Pictures(1), most: 0));
    }

    [Fact]
    public void Its_numbers_are_those_of_values_from_0_to_1()
    {
        var transform = new ExampleTransform
        {
            Normalization = new ChannelNormalization([0.5f, 0.25f], [0.25f, 0.5f]),
            BorderColumns = 1,
        };
        float[] values = [GreyScale.Standardize(1), GreyScale.Standardize(0.5f)];
        float[] result = transform.Apply(values, new Shape(1, 1, 1, 2));
        // A border is black.
        float[] expected = [-2, -0.5f, 2, 0.5f, -2, -0.5f];
        for (int k = 0; k < expected.Length; k++)
            Assert.Equal(expected[k], result[k], 1e-5f);
    }

    [Fact]
    public void It_is_kept_in_the_text_of_a_transform()
    {
        var transform = new ExampleTransform { Normalization = new ChannelNormalization([0.1f, 0.2f], [0.3f, 0.4f]) };
        Assert.Equal(transform, ExampleTransform.Parse(transform.ToText()));
        Assert.NotEqual(transform, ExampleTransform.None);
        string wrong = transform.ToText().Replace("0.4", "0", StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => ExampleTransform.Parse(wrong));
    }

    [Fact]
    public void Impossible_numbers_and_other_channels_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ChannelNormalization([], []));
        Assert.Throws<ArgumentException>(() => new ChannelNormalization([0], [1, 1]));
        Assert.Throws<ArgumentException>(() => new ChannelNormalization([float.NaN], [1]));
        Assert.Throws<ArgumentException>(() => new ChannelNormalization([0], [0]));
        var transform = new ExampleTransform { Normalization = new ChannelNormalization([0], [1]) };
        var e = Assert.Throws<ShapeException>(() => transform.OutputOf(new Shape(1, 2, 2, 3)));
        Assert.Contains("the normalisation is for 1", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Pictures of 4×5 whose channels differ in mean and deviation; the third is always the same.</summary>
    private sealed class Pictures(int count) : IDataset
    {
        public string Name => "pictures";

        public int Count => count;

        public Shape ExampleShape { get; } = new(1, 4, 5, 3);

        public IReadOnlyList<string> ClassNames { get; } = ["one"];

        public int Label(int index) => 0;

        public void Read(int index, Span<float> values)
        {
            RandomStream random = new(1, (ulong)index);
            for (int k = 0; k < values.Length; k += 3)
            {
                values[k] = GreyScale.Standardize(random.NextSingle());
                values[k + 1] = GreyScale.Standardize(0.75f + 0.1f * random.NextSingle());
                values[k + 2] = GreyScale.Standardize(0.5f);
            }
        }
    }
}

using NativeCnn.Data;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Data;

public class AugmentationTests
{
    private static readonly Shape s_shape = new(1, 12, 15, 3);

    [Fact]
    public void Nothing_asked_for_is_the_set_itself()
    {
        IDataset set = new Noise();
        Assert.Same(set, Augmentation.None.ApplyTo(set));
        Assert.Same(set, new Augmentation().ApplyTo(set));
    }

    [Fact]
    public void Without_a_random_stream_examples_are_as_they_are() =>
        Assert.Equal(Plain(3), Read(new Augmentation { Flip = true, Cutout = 0.5 }, 3, null));

    [Fact]
    public void About_every_second_picture_is_mirrored()
    {
        int mirrored = 0;
        for (int i = 0; i < 100; i++)
        {
            float[] plain = Plain(i);
            float[] read = Read(new Augmentation { Flip = true }, i, (ulong)i);
            float[] other = new float[plain.Length];
            for (int k = 0; k < plain.Length; k++)
            {
                (int pixel, int c) = (k / 3, k % 3);
                (int y, int x) = (pixel / 15, pixel % 15);
                other[k] = plain[(y * 15 + 14 - x) * 3 + c];
            }
            bool isMirrored = !read.SequenceEqual(plain);
            mirrored += isMirrored ? 1 : 0;
            if (isMirrored)
                AssertClose(other, read);
        }
        Assert.InRange(mirrored, 30, 70);
    }

    [Fact]
    public void A_shift_is_at_most_what_was_asked_for_and_stays_inside()
    {
        // A ramp shows by its values where it is.
        Ramp set = new();
        double largest = 0;
        for (ulong stream = 0; stream < 200; stream++)
        {
            float[] read = Read(new Augmentation { Shift = 0.2 }, 0, stream, set);
            double shift = read[(6 * 15 + 7) * 3] - 7;
            largest = Math.Max(largest, Math.Abs(shift));
            Assert.All(read, value => Assert.InRange(value, 0, 14));
        }
        Assert.InRange(largest, 2.5, 3.0001);
    }

    [Fact]
    public void A_turn_is_at_most_what_was_asked_for_and_keeps_the_centre()
    {
        Ramp set = new();
        double largest = 0;
        for (ulong stream = 0; stream < 200; stream++)
        {
            float[] read = Read(new Augmentation { Rotation = 30 }, 0, stream, set);
            float centre = (read[(5 * 15 + 7) * 3] + read[(6 * 15 + 7) * 3]) / 2;
            Assert.Equal(7, centre, 1e-4f);
            // The ramp rises along x; down a column it rises by the sine of the turn.
            double sine = read[(5 * 15 + 7) * 3] - read[(6 * 15 + 7) * 3];
            largest = Math.Max(largest, Math.Abs(sine));
        }
        Assert.InRange(largest, 0.4, 0.5001);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.001)]
    [InlineData(30)]
    [InlineData(-90)]
    [InlineData(137)]
    [InlineData(180)]
    public void Turns_are_those_of_the_functions_of_mathematics(double degrees)
    {
        var turn = Turn.ByDegrees(degrees);
        Assert.Equal(Math.Cos(degrees * Math.PI / 180), turn.Cosine, 1e-12);
        Assert.Equal(Math.Sin(degrees * Math.PI / 180), turn.Sine, 1e-12);
    }

    [Fact]
    public void A_crop_has_at_least_its_area_lies_inside_and_has_no_extreme_sides()
    {
        Augmentation augmentation = new() { SmallestCrop = 0.2 };
        double least = 1;
        for (ulong stream = 0; stream < 500; stream++)
        {
            RandomStream random = new(1, stream);
            PictureView view = augmentation.DrawView(ref random, (300, 200), PictureView.Whole);
            Assert.InRange(view.Width * view.Height, 0.2 - 1e-9, 1);
            Assert.InRange(view.CentreX - view.Width / 2, -1e-9, 1);
            Assert.InRange(view.CentreX + view.Width / 2, 0, 1 + 1e-9);
            Assert.InRange(view.CentreY - view.Height / 2, -1e-9, 1);
            Assert.InRange(view.CentreY + view.Height / 2, 0, 1 + 1e-9);
            if (view != PictureView.Whole)
                Assert.InRange(view.Width * 300 / (view.Height * 200), 0.7499, 1.3334);
            least = Math.Min(least, view.Width * view.Height);
        }
        Assert.InRange(least, 0.2, 0.25);
    }

    [Fact]
    public void Brightness_multiplies_light_contrast_keeps_the_mean_and_saturation_keeps_grey()
    {
        float[] plain = Light(Plain(1));
        float[] bright = Light(Read(new Augmentation { Brightness = 0.5 }, 1, 7));
        float factor = bright[0] / plain[0];
        Assert.InRange(factor, 0.5f, 1.5f);
        Assert.NotEqual(1, factor, 0.01f);
        AssertClose([.. plain.Select(v => v * factor)], bright);

        float[] contrast = Light(Read(new Augmentation { Contrast = 0.5 }, 1, 7));
        Assert.Equal(plain.Average(), contrast.Average(), 1e-4f);
        Assert.NotEqual(Spread(plain), Spread(contrast), 0.01f);

        float[] saturated = Light(Read(new Augmentation { Saturation = 1 }, 1, 7));
        for (int i = 0; i < plain.Length; i += 3)
            Assert.Equal(Grey(plain, i), Grey(saturated, i), 1e-4f);
        Assert.NotEqual(plain[0] - plain[1], saturated[0] - saturated[1], 1e-3f);
    }

    [Fact]
    public void Cutout_fills_one_square_with_the_mean()
    {
        float[] plain = Plain(2);
        int most = 0;
        for (ulong stream = 0; stream < 50; stream++)
        {
            float[] read = Read(new Augmentation { Cutout = 0.5 }, 2, stream);
            float mean = (float)plain.Average(v => (double)v);
            int filled = 0;
            for (int k = 0; k < read.Length; k++)
            {
                if (read[k] == plain[k])
                    continue;
                Assert.Equal(mean, read[k], 1e-5f);
                filled++;
            }
            Assert.InRange(filled, 3, 6 * 8 * 3);
            most = Math.Max(most, filled);
        }
        Assert.Equal(6 * 8 * 3, most);
    }

    [Fact]
    public void Each_epoch_and_each_example_has_its_own_changes_whatever_reads_them()
    {
        IDataset set = new Augmentation { Brightness = 0.5, Rotation = 10 }.ApplyTo(new Same());
        ExampleTransform normalized = new() { Normalization = new ChannelNormalization([0, 0, 0], [1, 1, 1]) };
        float[] first = Epoch(normalized.ApplyTo(set), 1, 0);
        Assert.Equal(first, Epoch(normalized.ApplyTo(set), 1, 0));
        Assert.Equal(first, Epoch(normalized.ApplyTo(set), 5, 0));
        Assert.NotEqual(first, Epoch(normalized.ApplyTo(set), 1, 1));
        Assert.Equal(9, first.Chunk(s_shape.Count).Select(example => example[0]).Distinct().Count());
        Assert.Equal(Epoch(set, 1, 0), Epoch(new DatasetSlice(set, 0, 9), 2, 0));
    }

    [Fact]
    public void Impossible_numbers_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { SmallestCrop = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { SmallestCrop = 1.1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { Shift = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { Rotation = 181 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { Brightness = -0.1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { Cutout = 1.5 });
    }

    private static float[] Epoch(IDataset set, int threads, int epoch)
    {
        using BatchLoader loader = new(set, 9, shuffle: false, threads: threads);
        loader.StartEpoch(epoch);
        return loader.Next()!.Images.Span.ToArray();
    }

    private static float[] Read(Augmentation augmentation, int index, ulong? stream, IDataset? set = null)
    {
        float[] values = new float[s_shape.Count];
        IDataset changed = augmentation.ApplyTo(set ?? new Noise());
        if (stream is { } number)
            ((IRandomDataset)changed).Read(index, new RandomStream(3, number), values);
        else
            changed.Read(index, values);
        return values;
    }

    private static float[] Plain(int index)
    {
        float[] values = new float[s_shape.Count];
        new Noise().Read(index, values);
        return values;
    }

    private static float[] Light(float[] values) => [.. values.Select(v => v * GreyScale.Deviation + GreyScale.Mean)];

    private static float Grey(float[] values, int i) =>
        0.299f * values[i] + 0.587f * values[i + 1] + 0.114f * values[i + 2];

    private static float Spread(float[] values) => values.Max() - values.Min();

    private static void AssertClose(float[] expected, float[] actual)
    {
        for (int k = 0; k < expected.Length; k++)
            Assert.Equal(expected[k], actual[k], 1e-4f);
    }

    private abstract class Pictures : IDataset
    {
        public string Name => "pictures";

        public int Count => 9;

        public Shape ExampleShape => s_shape;

        public IReadOnlyList<string> ClassNames { get; } = ["one"];

        public int Label(int index) => 0;

        public abstract void Read(int index, Span<float> values);
    }

    private sealed class Noise : Pictures
    {
        public override void Read(int index, Span<float> values)
        {
            RandomStream random = new(9, (ulong)index);
            foreach (ref float value in values)
                value = GreyScale.Standardize(random.NextSingle());
        }
    }

    private sealed class Same : Pictures
    {
        public override void Read(int index, Span<float> values) => new Noise().Read(0, values);
    }

    private sealed class Ramp : Pictures
    {
        public override void Read(int index, Span<float> values)
        {
            for (int k = 0; k < values.Length; k++)
                values[k] = k / 3 % 15;
        }
    }
}

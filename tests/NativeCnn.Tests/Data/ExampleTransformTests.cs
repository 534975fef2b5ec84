using NativeCnn.Data;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Data;

public sealed class ExampleTransformTests
{
    private static readonly ExampleTransform Grey = new() { Background = 0, Ink = 1 };

    [Fact]
    public void Scaling_takes_the_mean_of_the_area_that_a_pixel_covers()
    {
        // 3 to 2: a pixel covers one and a half.
        float[] result = (Grey with { Side = 2 }).Apply(
            Standardized(0, 3, 6, 3, 6, 9, 6, 9, 12),
            new Shape(1, 3, 3, 1)
        );
        AssertClose([2, 6, 6, 10], result);
    }

    [Fact]
    public void Digits_of_28_pixels_keep_their_mean_at_16()
    {
        var digits = SyntheticDigits.CreateTrain(3);
        IDataset small = (Grey with { Side = 16 }).ApplyTo(digits);
        Assert.Equal(new Shape(1, 16, 16, 1), small.ExampleShape);
        float[] before = new float[784];
        float[] after = new float[256];
        digits.Read(2, before);
        small.Read(2, after);
        Assert.Equal(before.Average(v => v * GreyScale.Deviation + GreyScale.Mean), after.Average(), 1e-5);
        Assert.All(after, value => Assert.InRange(value, -1e-6f, 1 + 1e-6f));
        Assert.Equal((digits.Label(2), digits.Count, digits.Name), (small.Label(2), small.Count, small.Name));
    }

    [Fact]
    public void A_border_is_background_and_the_values_are_those_asked_for()
    {
        var transform = new ExampleTransform
        {
            BorderRows = 1,
            BorderColumns = 2,
            Background = -0.1f,
            Ink = 1.175f,
        };
        float[] result = transform.Apply(Standardized(0, 1), new Shape(1, 1, 2, 1));
        Assert.Equal(new Shape(1, 3, 6, 1), transform.OutputOf(new Shape(1, 1, 2, 1)));
        float[] row = [-0.1f, -0.1f, -0.1f, 1.175f, -0.1f, -0.1f];
        AssertClose([.. Enumerable.Repeat(-0.1f, 6), .. row, .. Enumerable.Repeat(-0.1f, 6)], result);
        Assert.Equal(new Shape(1, 1, 2, 1), transform.ImageOf(new Shape(1, 3, 6, 1)));
        Assert.Throws<ShapeException>(() => transform.ImageOf(new Shape(1, 2, 6, 1)));
    }

    [Fact]
    public void Rows_become_the_samples_of_a_signal()
    {
        var transform = new ExampleTransform { IsSignal = true, BorderRows = 1 };
        var example = new Shape(1, 2, 3, 1);
        Assert.Equal(new Shape(1, 1, 4, 3), transform.OutputOf(example));
        Assert.Equal(example, transform.ImageOf(new Shape(1, 1, 4, 3)));
        float black = GreyScale.Standardize(0);
        Assert.Equal(
            [black, black, black, 1, 2, 3, 4, 5, 6, black, black, black],
            transform.Apply([1, 2, 3, 4, 5, 6], example)
        );
    }

    [Fact]
    public void Scattered_examples_lie_where_their_number_says_and_everywhere()
    {
        var digits = SyntheticDigits.CreateTrain(200);
        IDataset scattered = new ExampleTransform
        {
            BorderRows = 1,
            BorderColumns = 2,
            IsScattered = true,
        }.ApplyTo(digits);
        HashSet<(int, int)> places = [];
        float[] digit = new float[784];
        float[] canvas = new float[30 * 32];
        for (int i = 0; i < digits.Count; i++)
        {
            digits.Read(i, digit);
            scattered.Read(i, canvas);
            places.Add(PlaceOf(digit, canvas));
            float[] again = new float[30 * 32];
            scattered.Read(i, again);
            Assert.Equal(canvas, again);
        }
        Assert.Equal(3 * 5, places.Count);
    }

    [Fact]
    public void It_comes_back_from_text_and_damaged_text_is_refused()
    {
        ExampleTransform[] transforms =
        [
            ExampleTransform.None,
            Grey with
            {
                Side = 16,
            },
            new()
            {
                BorderRows = 3,
                BorderColumns = 4,
                IsScattered = true,
                IsSignal = true,
                Background = -0.1f,
                Ink = 1.175f,
            },
        ];
        foreach (ExampleTransform transform in transforms)
        {
            string text = transform.ToText();
            Assert.Equal(transform, ExampleTransform.Parse(text));
            for (int length = 0; length < text.Length; length++)
                Assert.Throws<DataFormatException>(() => ExampleTransform.Parse(text[..length]));
            foreach (string wrong in (string[])["-1", "99999", "1e99", "null", "[]", "\"x\""])
            {
                string damaged = text.Replace("\"border_rows\":", $"\"border_rows\":{wrong},\"x\":");
                Assert.Throws<DataFormatException>(() => ExampleTransform.Parse(damaged));
            }
        }
    }

    [Fact]
    public void Impossible_options_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExampleTransform { Side = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExampleTransform { BorderRows = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExampleTransform { BorderColumns = 1 << 20 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExampleTransform { Ink = float.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExampleTransform { Background = float.NegativeInfinity });
    }

    [Fact]
    public void Exclusive_or_has_its_four_points()
    {
        DataSource xor = DataSource.Open("xor");
        Assert.Equal((2000, 4), (xor.Train.Count, xor.Test!.Count));
        float[] point = new float[2];
        for (int i = 0; i < 4; i++)
        {
            xor.Test.Read(i, point);
            Assert.Equal(point[0] != point[1] ? 1 : 0, xor.Test.Label(i));
            Assert.Equal([i / 2, i % 2], point);
        }
        Assert.Throws<ArgumentException>(() => DataSource.Open("xor:4"));
    }

    private static (int Top, int Left) PlaceOf(float[] digit, float[] canvas)
    {
        for (int top = 0; top <= 2; top++)
        for (int left = 0; left <= 4; left++)
        {
            bool fits = true;
            for (int y = 0; y < 28 && fits; y++)
                fits = digit.AsSpan(y * 28, 28).SequenceEqual(canvas.AsSpan((top + y) * 32 + left, 28));
            if (fits)
                return (top, left);
        }
        throw new InvalidOperationException("The digit is nowhere.");
    }

    private static float[] Standardized(params float[] greys) => [.. greys.Select(GreyScale.Standardize)];

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5f);
    }
}

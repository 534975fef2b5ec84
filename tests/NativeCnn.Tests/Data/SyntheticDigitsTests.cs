using System.Security.Cryptography;
using NativeCnn.Data;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Data;

public class SyntheticDigitsTests
{
    [Fact]
    public void The_pictures_never_change()
    {
        SyntheticDigits set = SyntheticDigits.CreateTrain(500);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < set.Count; i++)
        {
            hash.AppendData([(byte)set.Label(i)]);
            hash.AppendData(Bytes(set, i));
        }
        Assert.Equal(
            "9F7561F20E8B07502AAD15FFC92F96C40234FA6E8A25E0DFEB1B289B878B0611",
            Convert.ToHexString(hash.GetHashAndReset())
        );
    }

    [Fact]
    public void A_set_has_the_form_of_mnist()
    {
        SyntheticDigits set = SyntheticDigits.CreateTrain(20);
        Assert.Equal(20, set.Count);
        Assert.Equal(new Shape(1, 28, 28, 1), set.ExampleShape);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], set.ClassNames);
        Assert.Throws<ShapeException>(() => set.Read(0, new float[783]));
    }

    [Fact]
    public void Every_ten_examples_hold_each_class_once_in_changing_order()
    {
        SyntheticDigits set = SyntheticDigits.CreateTrain(100);
        HashSet<string> orders = [];
        for (int start = 0; start < 100; start += 10)
        {
            int[] labels = [.. Enumerable.Range(start, 10).Select(set.Label)];
            Assert.Equal(Enumerable.Range(0, 10), labels.Order());
            orders.Add(string.Join(' ', labels));
        }
        Assert.Equal(10, orders.Count);
    }

    [Fact]
    public void A_larger_set_begins_with_the_smaller_one()
    {
        SyntheticDigits small = SyntheticDigits.CreateTest(15, seed: 4);
        SyntheticDigits large = SyntheticDigits.CreateTest(200, seed: 4);
        for (int i = 0; i < small.Count; i++)
        {
            Assert.Equal(small.Label(i), large.Label(i));
            Assert.Equal(Bytes(small, i), Bytes(large, i));
        }
    }

    [Fact]
    public void Sets_seeds_and_examples_differ()
    {
        HashSet<string> seen = [];
        IDataset[] sets =
        [
            SyntheticDigits.CreateTrain(2000),
            SyntheticDigits.CreateTest(2000),
            SyntheticDigits.CreateTrain(2000, seed: 1),
        ];
        foreach (IDataset set in sets)
            for (int i = 0; i < set.Count; i++)
                Assert.True(seen.Add(Convert.ToHexString(SHA256.HashData(Bytes(set, i)))), $"{set.Name}, example {i}");
    }

    [Fact]
    public void Each_picture_has_ink_in_its_middle_and_paper_at_its_rim()
    {
        SyntheticDigits set = SyntheticDigits.CreateTrain(3000);
        float[] values = new float[784];
        for (int i = 0; i < set.Count; i++)
        {
            set.Read(i, values);
            for (int k = 0; k < values.Length; k++)
                values[k] = Grey(values[k]);
            Assert.True(values.Min() >= -1e-6f && values.Max() is > 0.6f and <= 1 + 1e-6f, $"Example {i}");
            // A 1 drawn with the thinnest pen covers about 25 of 784 pixels.
            Assert.InRange(values.Average(), 0.015f, 0.45f);
            float rim = 0;
            for (int k = 0; k < 28; k++)
            {
                rim = Math.Max(rim, Math.Max(values[k], values[27 * 28 + k]));
                rim = Math.Max(rim, Math.Max(values[28 * k], values[28 * k + 27]));
            }
            // The strongest noise.
            Assert.InRange(rim, -1e-6f, 0.125f);
        }
    }

    /// <summary>
    /// The nearest class mean is a linear classifier: it must find more than chance and less than a network does.
    /// </summary>
    [Fact]
    public void Class_means_tell_most_digits_apart_but_not_all()
    {
        SyntheticDigits train = SyntheticDigits.CreateTrain(4000);
        SyntheticDigits test = SyntheticDigits.CreateTest(1000);
        float[][] means = [.. Enumerable.Range(0, 10).Select(_ => new float[784])];
        float[] values = new float[784];
        for (int i = 0; i < train.Count; i++)
        {
            train.Read(i, values);
            for (int k = 0; k < 784; k++)
                means[train.Label(i)][k] += values[k] * 10 / train.Count;
        }
        int correct = 0;
        for (int i = 0; i < test.Count; i++)
        {
            test.Read(i, values);
            float[] distances = [.. means.Select(mean => values.Zip(mean, (a, b) => (a - b) * (a - b)).Sum())];
            correct += Array.IndexOf(distances, distances.Min()) == test.Label(i) ? 1 : 0;
        }
        Assert.InRange(correct / (double)test.Count, 0.5, 0.9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(SyntheticDigits.LargestCount + 1)]
    public void An_impossible_count_is_refused(int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SyntheticDigits.CreateTrain(count));

    private static byte[] Bytes(IDataset set, int index)
    {
        float[] values = new float[set.ExampleShape.Count];
        set.Read(index, values);
        return [.. values.Select(value => (byte)MathF.Round(Grey(value) * 255))];
    }

    // A value as a network sees it, back as a grey value in [0, 1].
    private static float Grey(float value) => value * GreyScale.Deviation + GreyScale.Mean;
}

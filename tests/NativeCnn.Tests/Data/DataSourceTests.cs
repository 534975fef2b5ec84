using NativeCnn.Data;

namespace NativeCnn.Tests.Data;

public class DataSourceTests
{
    [Theory]
    [InlineData("digits:50", 50, 10)]
    [InlineData("digits:1", 1, 1)]
    [InlineData("digits:30,20", 30, 20)]
    [InlineData("digits:30,0", 30, 0)]
    public void Digits_have_the_sizes_asked_for(string specification, int train, int test)
    {
        DataSource source = DataSource.Open(specification);
        Assert.Equal(train, source.Train.Count);
        Assert.Equal(test, source.Test?.Count ?? 0);
    }

    [Fact]
    public void The_seed_reaches_the_digits()
    {
        float[] first = new float[784];
        float[] second = new float[784];
        DataSource.Open("digits:10", seed: 1).Train.Read(0, first);
        DataSource.Open("digits:10", seed: 2).Train.Read(0, second);
        Assert.NotEqual(first, second);
        SyntheticDigits.CreateTrain(10, seed: 2).Read(0, first);
        Assert.Equal(second, first);
    }

    [Fact]
    public void A_folder_of_idx_files_is_opened()
    {
        using TemporaryFolder folder = new();
        folder.Write("train-images-idx3-ubyte", 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 255);
        folder.Write("train-labels-idx1-ubyte", 0, 0, 8, 1, 0, 0, 0, 1, 3);
        Assert.Equal(3, DataSource.Open($"mnist:{folder.Path}").Train.Label(0));
    }

    [Theory]
    [InlineData("", "Known are digits")]
    [InlineData("imagenet:there", "mnist:DIR")]
    [InlineData("cifar", "cifar:DIR")]
    [InlineData("folder", "folder:DIR")]
    [InlineData("npy:", "npy:PATH")]
    [InlineData("Digits", "Known are digits")]
    [InlineData("mnist", "mnist:DIR")]
    [InlineData("mnist:", "mnist:DIR")]
    [InlineData("digits:", "''")]
    [InlineData("digits:0", "'0'")]
    [InlineData("digits:-5", "'-5'")]
    [InlineData("digits:ten", "'ten'")]
    [InlineData("digits:10,", "''")]
    [InlineData("digits:10,20,30", "more than two")]
    [InlineData("digits:1000001", "1000000")]
    [InlineData("digits:99999999999999999999", "1000000")]
    public void A_wrong_line_says_what_is_possible(string specification, string words)
    {
        string message = Assert.Throws<ArgumentException>(() => DataSource.Open(specification)).Message;
        Assert.Contains(words, message, StringComparison.Ordinal);
    }
}

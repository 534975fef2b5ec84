using NativeCnn.Data;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Data;

public sealed class MnistDatasetTests : IDisposable
{
    private static readonly byte[] Images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 51, 255, 1];
    private static readonly byte[] Labels = [0, 0, 8, 1, 0, 0, 0, 2, 7, 9];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("-idx3-ubyte", "-idx1-ubyte")]
    [InlineData(".idx3-ubyte", "-idx1-ubyte.gz")]
    [InlineData("-idx3-ubyte.gz", ".idx1-ubyte")]
    [InlineData(".idx3-ubyte.gz", ".idx1-ubyte.gz")]
    public void Every_spelling_of_the_names_is_found(string images, string labels)
    {
        _folder.Write(
            "t10k-images" + images,
            images.EndsWith("gz", StringComparison.Ordinal) ? TemporaryFolder.Compress(Images) : Images
        );
        _folder.Write(
            "t10k-labels" + labels,
            labels.EndsWith("gz", StringComparison.Ordinal) ? TemporaryFolder.Compress(Labels) : Labels
        );
        (IDataset only, IDataset? test) = MnistDataset.Open(_folder.Path);
        Assert.Null(test);
        Assert.Equal("MNIST test", only.Name);
        Assert.Equal(2, only.Count);
        Assert.Equal(new Shape(1, 1, 2, 1), only.ExampleShape);
        Assert.Equal(10, only.ClassNames.Count);
        Assert.Equal(7, only.Label(0));
        Assert.Equal(9, only.Label(1));
        float[] values = new float[2];
        only.Read(0, values);
        Assert.Equal([-0.1307f / 0.3081f, (0.2f - 0.1307f) / 0.3081f], values);
        only.Read(1, values);
        Assert.Equal([(1 - 0.1307f) / 0.3081f, (1 / 255f - 0.1307f) / 0.3081f], values);
    }

    [Fact]
    public void Both_sets_are_told_apart()
    {
        _folder.Write("train-images-idx3-ubyte", Images);
        _folder.Write("train-labels-idx1-ubyte", 0, 0, 8, 1, 0, 0, 0, 2, 1, 2);
        _folder.Write("t10k-images-idx3-ubyte", Images);
        _folder.Write("t10k-labels-idx1-ubyte", Labels);
        (IDataset train, IDataset? test) = MnistDataset.Open(_folder.Path);
        Assert.Equal(1, train.Label(0));
        Assert.Equal(7, test?.Label(0));
    }

    [Fact]
    public void A_folder_without_data_says_what_was_looked_for()
    {
        string message = Assert.Throws<FileNotFoundException>(() => MnistDataset.Open(_folder.Path)).Message;
        Assert.Contains("train-images-idx3-ubyte", message, StringComparison.Ordinal);
        Assert.Contains("t10k-images-idx3-ubyte", message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        string missing = _folder.File("missing");
        Assert.Contains(
            missing,
            Assert.Throws<DirectoryNotFoundException>(() => MnistDataset.Open(missing)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("train-images-idx3-ubyte", "train-labels-idx1-ubyte")]
    [InlineData("train-labels-idx1-ubyte", "train-images-idx3-ubyte")]
    public void Half_a_set_says_which_file_is_missing(string present, string missing)
    {
        _folder.Write(present, Images);
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => MnistDataset.Open(_folder.Path));
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
        Assert.Contains(present, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_that_is_no_digit_is_refused_at_its_byte()
    {
        string images = _folder.Write("images", Images);
        string labels = _folder.Write("labels", 0, 0, 8, 1, 0, 0, 0, 2, 9, 10);
        DataFormatException error = Assert.Throws<DataFormatException>(() => MnistDataset.Load(images, labels, "set"));
        Assert.Equal(9, error.Offset);
        Assert.Equal(labels, error.FilePath);
    }

    [Fact]
    public void Counts_that_differ_are_refused_with_both()
    {
        string images = _folder.Write("images", Images);
        string labels = _folder.Write("labels", 0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3);
        string message = Assert.Throws<DataFormatException>(() => MnistDataset.Load(images, labels, "set")).Message;
        Assert.Contains("3 labels for the 2 images", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_of_another_size_than_the_example_is_refused()
    {
        IDataset set = MnistDataset.Load(_folder.Write("images", Images), _folder.Write("labels", Labels), "set");
        Assert.Throws<ShapeException>(() => set.Read(0, new float[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Read(2, new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Read(-1, new float[2]));
    }

    [Fact]
    public void Holdout_keeps_the_last_examples_in_file_order()
    {
        NumberedDataset set = new(10);
        (IDataset train, IDataset? test) = set.SplitHoldout(3);
        Assert.NotNull(test);
        Assert.Equal((7, 3), (train.Count, test.Count));
        Assert.Equal(Enumerable.Range(0, 7), Enumerable.Range(0, 7).Select(train.Label));
        Assert.Equal([7, 8, 9], Enumerable.Range(0, 3).Select(test.Label));
        float[] value = new float[1];
        test.Read(2, value);
        Assert.Equal(9f, value[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => train.Label(7));
        Assert.Throws<ArgumentOutOfRangeException>(() => test.Label(-1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10)]
    [InlineData(int.MaxValue)]
    public void An_impossible_holdout_is_refused_with_what_is_possible(int last)
    {
        string message = Assert
            .Throws<ArgumentOutOfRangeException>(() => new NumberedDataset(10).SplitHoldout(last))
            .Message;
        Assert.Contains("hold out 1 to 9", message, StringComparison.Ordinal);
    }
}

using NativeCnn.Data;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Data;

public sealed class CifarDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cifar10_is_read_file_after_file_with_its_channels_side_by_side()
    {
        WriteTraining();
        _folder.Write("test_batch.bin", Record(0, 9)[1..]);
        (IDataset train, IDataset? test) = CifarDataset.Open(_folder.Path);
        Assert.Equal(("CIFAR-10 train", 5, "CIFAR-10 test", 1), (train.Name, train.Count, test!.Name, test.Count));
        Assert.Equal(new Shape(1, 32, 32, 3), train.ExampleShape);
        Assert.Equal(("airplane", "truck"), (train.ClassNames[0], train.ClassNames[test.Label(0)]));
        Assert.Equal([1, 2, 3, 4, 5], Enumerable.Range(0, 5).Select(train.Label));
        float[] values = new float[3072];
        train.Read(4, values);
        // Red, green and blue of the first pixel, and of the last.
        Assert.Equal([5, 6, 7], values.Take(3).Select(Byte));
        Assert.Equal([104, 105, 106], values.TakeLast(3).Select(Byte));
    }

    [Fact]
    public void Cifar100_is_read_from_the_folder_of_its_archive_by_its_fine_labels()
    {
        Directory.CreateDirectory(_folder.File("cifar-100-binary"));
        byte[] record = Record(3, 99);
        _folder.Write("cifar-100-binary/train.bin", [.. record, .. Record(3, 42)]);
        _folder.Write(
            "cifar-100-binary/fine_label_names.txt",
            [.. Enumerable.Range(0, 100).SelectMany(i => System.Text.Encoding.ASCII.GetBytes($"name{i}\n"))]
        );
        (IDataset train, IDataset? test) = CifarDataset.Open(_folder.Path);
        Assert.Null(test);
        Assert.Equal((2, 99, 42), (train.Count, train.Label(0), train.Label(1)));
        Assert.Equal("name42", train.ClassNames[42]);
    }

    [Fact]
    public void A_folder_without_data_says_what_was_looked_for()
    {
        string message = Assert.Throws<FileNotFoundException>(() => CifarDataset.Open(_folder.Path)).Message;
        Assert.Contains("data_batch_1.bin", message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => CifarDataset.Open(Path.Combine(_folder.Path, "none")));
    }

    [Fact]
    public void A_missing_part_of_the_training_set_is_named()
    {
        WriteTraining();
        File.Delete(Path.Combine(_folder.Path, "data_batch_3.bin"));
        string message = Assert.Throws<FileNotFoundException>(() => CifarDataset.Open(_folder.Path)).Message;
        Assert.Contains("data_batch_3.bin", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(3074)]
    public void A_file_that_was_cut_short_is_refused(int length)
    {
        WriteTraining();
        _folder.Write("data_batch_2.bin", new byte[length]);
        string message = Assert.Throws<DataFormatException>(() => CifarDataset.Open(_folder.Path)).Message;
        Assert.Contains("data_batch_2.bin", message, StringComparison.Ordinal);
        Assert.Contains("Fetch the file again", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_that_is_no_class_is_named_with_its_place()
    {
        WriteTraining();
        _folder.Write("test_batch.bin", [.. Record(0, 1)[1..], .. Record(0, 10)[1..]]);
        string message = Assert.Throws<DataFormatException>(() => CifarDataset.Open(_folder.Path)).Message;
        Assert.Contains("Label 10 is not one of 0 to 9", message, StringComparison.Ordinal);
        Assert.Contains("3073", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_are_not_as_many_as_the_classes_are_refused()
    {
        WriteTraining();
        _folder.Write("batches.meta.txt", [.. "cat\ndog\n"u8]);
        string message = Assert.Throws<DataFormatException>(() => CifarDataset.Open(_folder.Path)).Message;
        Assert.Contains("2 names for 10 classes", message, StringComparison.Ordinal);
    }

    private void WriteTraining()
    {
        for (byte number = 1; number <= 5; number++)
            _folder.Write($"data_batch_{number}.bin", Record(number, number)[1..]);
    }

    /// <summary>
    /// A record of CIFAR-100, of which CIFAR-10's is all but the first byte: planes of number, number + 1 and number + 2,
    /// with 99 more at their last pixels.
    /// </summary>
    private static byte[] Record(byte number, byte label)
    {
        byte[] record = new byte[3074];
        (record[0], record[1]) = (number, label);
        for (int k = 0; k < 3072; k++)
            record[2 + k] = (byte)(number + k / 1024 + (k % 1024 == 1023 ? 99 : 0));
        return record;
    }

    private static int Byte(float value) => (int)MathF.Round((value * GreyScale.Deviation + GreyScale.Mean) * 255);
}

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using NativeCnn.Data;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Data;

public sealed class NumpyDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bytes_and_labels_are_read_from_a_folder_and_from_one_file(bool together)
    {
        Dictionary<string, byte[]> arrays = new()
        {
            ["x_train"] = Array("|u1", "(3, 2, 2)", [.. Enumerable.Range(0, 12).Select(i => (byte)(20 * i))]),
            ["y_train"] = Array("<i8", "(3,)", [.. Longs(2, 0, 1)]),
            ["x_test"] = Array("|u1", "(1, 2, 2)", 255, 0, 0, 0),
            ["y_test"] = Array("|u1", "(1, 1)", 4),
        };
        DataSource source = NumpyDataset.Open(Write(arrays, together));
        Assert.Equal((3, 1, 5), (source.Train.Count, source.Test!.Count, source.Train.ClassNames.Count));
        Assert.Equal(new Shape(1, 2, 2, 1), source.Train.ExampleShape);
        Assert.Equal([2, 0, 1], Enumerable.Range(0, 3).Select(source.Train.Label));
        Assert.Equal([80, 100, 120, 140], Light(source.Train, 1).Select(v => (int)MathF.Round(255 * v)));
        Assert.Equal(4, source.Test.Label(0));
    }

    [Theory]
    [InlineData("<f4", false)]
    [InlineData(">f4", true)]
    public void Numbers_of_several_channels_are_read_in_either_byte_order(string type, bool isBig)
    {
        byte[] numbers = new byte[24];
        for (int i = 0; i < 6; i++)
        {
            if (isBig)
                BinaryPrimitives.WriteSingleBigEndian(numbers.AsSpan(4 * i), 0.1f * i);
            else
                BinaryPrimitives.WriteSingleLittleEndian(numbers.AsSpan(4 * i), 0.1f * i);
        }
        Dictionary<string, byte[]> arrays = new()
        {
            ["x_train"] = Array(type, "(1, 1, 2, 3)", numbers),
            ["y_train"] = Array("<i2", "(1,)", 1, 0),
        };
        IDataset set = NumpyDataset.Open(Write(arrays, together: false)).Train;
        Assert.Equal(new Shape(1, 1, 2, 3), set.ExampleShape);
        float[] light = Light(set, 0);
        for (int i = 0; i < 6; i++)
            Assert.Equal(0.1f * i, light[i], 1e-5f);
    }

    [Theory]
    [InlineData("|u1", "(2, 1, 1)", 1, "ends here")]
    [InlineData("|u1", "(1, 1, 1)", 2, "goes on")]
    [InlineData("|u1", "(70000, 70000, 70000)", 2, "NumpyElements")]
    [InlineData("|u1", "(99999999999,)", 2, "no size")]
    [InlineData("|O8", "(1,)", 8, "none of an array of plain numbers")]
    [InlineData("<f2", "(1, 1, 1)", 2, "f2")]
    [InlineData("|u1", "(2,)", 2, "1 dimensions")]
    [InlineData("|u1", "(0, 4, 4)", 0, "0 elements")]
    public void What_cannot_be_read_is_refused(string type, string shape, int bytes, string message)
    {
        Dictionary<string, byte[]> arrays = new()
        {
            ["x_train"] = Array(type, shape, new byte[bytes]),
            ["y_train"] = Array("|u1", "(1,)", 0),
        };
        string path = Write(arrays, together: false);
        Assert.Contains(message, Assert.Throws<DataFormatException>(() => NumpyDataset.Open(path)).Message);
    }

    [Fact]
    public void Labels_that_are_none_or_not_as_many_are_refused()
    {
        byte[] x = Array("|u1", "(2, 1, 1)", 1, 2);
        Assert.Contains("y_train", Missing(new() { ["x_train"] = x }));
        Assert.Contains("1 elements for the 2", Refusal(x, Array("|u1", "(1,)", 0)));
        Assert.Contains("is -1", Refusal(x, Array("<i8", "(2,)", [.. Longs(0, -1)])));
        Assert.Contains("fractions", Refusal(x, Array("<f4", "(2,)", new byte[8])));
        Dictionary<string, byte[]> half = new()
        {
            ["x_train"] = x,
            ["y_train"] = Array("|u1", "(2,)", 0, 1),
            ["x_test"] = x,
        };
        Assert.Contains("y_test", Missing(half));
    }

    [Fact]
    public void A_file_that_is_cut_short_anywhere_is_refused()
    {
        Dictionary<string, byte[]> arrays = new()
        {
            ["x_train"] = Array("|u1", "(2, 1, 1)", 1, 2),
            ["y_train"] = Array("|u1", "(2,)", 0, 1),
        };
        byte[] whole = File.ReadAllBytes(Write(arrays, together: true));
        for (int length = 0; length < whole.Length; length++)
        {
            _folder.Write("part.npz", whole[..length]);
            Assert.ThrowsAny<IOException>(() => NumpyDataset.Open(_folder.File("part.npz")));
        }
        byte[] array = arrays["x_train"];
        for (int length = 0; length < array.Length; length++)
        {
            using MemoryStream stream = new(array[..length]);
            Assert.Throws<DataFormatException>(() => NumpyArray.Read("x", stream, ReadingLimits.Default));
        }
    }

    private string Refusal(byte[] x, byte[] y)
    {
        string path = Write(new() { ["x_train"] = x, ["y_train"] = y }, together: false);
        return Assert.Throws<DataFormatException>(() => NumpyDataset.Open(path)).Message;
    }

    private string Missing(Dictionary<string, byte[]> arrays)
    {
        string path = Write(arrays, together: true);
        return Assert.Throws<FileNotFoundException>(() => NumpyDataset.Open(path)).Message;
    }

    private string Write(Dictionary<string, byte[]> arrays, bool together)
    {
        if (!together)
        {
            foreach ((string name, byte[] bytes) in arrays)
                _folder.Write(name + ".npy", bytes);
            return _folder.Path;
        }
        using FileStream file = File.Create(_folder.File("set.npz"));
        using ZipArchive archive = new(file, ZipArchiveMode.Create);
        foreach ((string name, byte[] bytes) in arrays)
        {
            using Stream entry = archive.CreateEntry(name + ".npy").Open();
            entry.Write(bytes);
        }
        return _folder.File("set.npz");
    }

    private static float[] Light(IDataset set, int index)
    {
        float[] values = new float[set.ExampleShape.Count];
        set.Read(index, values);
        return [.. values.Select(v => v * GreyScale.Deviation + GreyScale.Mean)];
    }

    private static byte[] Longs(params long[] numbers) =>
        [.. numbers.SelectMany(number => BitConverter.GetBytes(number))];

    private static byte[] Array(string type, string shape, params byte[] content)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}\n";
        byte[] length = [(byte)header.Length, (byte)(header.Length >> 8)];
        return [0x93, .. "NUMPY"u8, 1, 0, .. length, .. Encoding.ASCII.GetBytes(header), .. content];
    }
}

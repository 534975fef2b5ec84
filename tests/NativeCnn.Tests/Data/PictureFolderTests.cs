using NativeCnn.Data;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Data;

public sealed class PictureFolderTests : IDisposable
{
    private static readonly Shape s_small = new(1, 16, 16, 3);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PictureFact]
    public void Classes_are_folders_by_name_and_train_and_val_are_two_sets()
    {
        WritePng("train/bees/1.png", 20, 30, 1, 0, 0);
        WritePng("train/ants/b.png", 40, 17, 0, 1, 0);
        WritePng("train/ants/a.png", 16, 16, 0, 0, 1);
        WritePng("train/ants/.hidden", 16, 16, 0, 0, 1);
        WritePng("train/.cache/x.png", 16, 16, 0, 0, 1);
        WritePng("val/bees/x.png", 16, 16, 0, 0, 1);
        DataSource source = PictureFolder.Open(_folder.Path, s_small);
        Assert.Equal(["ants", "bees"], source.Train.ClassNames);
        Assert.Equal([0, 0, 1], Enumerable.Range(0, 3).Select(source.Train.Label));
        Assert.Equal((3, 1, 1), (source.Train.Count, source.Test!.Count, source.Test.Label(0)));
        Assert.Equal(s_small, source.Train.ExampleShape);
        Assert.Empty(source.Skipped);
        AssertColour(source.Train, 0, 0, 0, 1);
        AssertColour(source.Train, 1, 0, 1, 0);
        AssertColour(source.Train, 2, 1, 0, 0);
    }

    [PictureFact]
    public void Without_train_the_classes_are_the_folder_and_lie_mixed()
    {
        for (int i = 0; i < 12; i++)
        {
            WritePng($"ants/{i}.png", 16, 16, 1, 1, 1);
            WritePng($"bees/inner/{i}.png", 16, 16, 0, 0, 0);
        }
        DataSource source = PictureFolder.Open(_folder.Path, new Shape(1, 8, 8, 1));
        Assert.Null(source.Test);
        (IDataset train, IDataset? test) = source.Train.SplitHoldout(8);
        Assert.Equal([0, 1], Labels(train).Distinct().Order());
        Assert.Equal([0, 1], Labels(test!).Distinct().Order());
        Assert.Equal(Labels(source.Train), Labels(PictureFolder.Open(_folder.Path, new Shape(1, 8, 8, 1)).Train));
        float[] values = new float[64];
        for (int i = 0; i < source.Train.Count; i++)
        {
            source.Train.Read(i, values);
            Assert.All(values, v => Assert.Equal(1 - source.Train.Label(i), Light(v), 1e-3f));
        }
    }

    [PictureTheory]
    [InlineData(1, "RGBY")]
    [InlineData(2, "GRYB")]
    [InlineData(3, "YBGR")]
    [InlineData(4, "BYRG")]
    [InlineData(5, "RBGY")]
    [InlineData(6, "BRYG")]
    [InlineData(7, "YGBR")]
    [InlineData(8, "GYRB")]
    public void A_picture_is_upright_by_its_orientation(byte orientation, string corners)
    {
        Write("train/a/x.jpg", PictureFiles.Turned(orientation));
        IDataset set = PictureFolder.Open(_folder.Path, s_small).Train;
        float[] values = new float[set.ExampleShape.Count];
        set.Read(0, values);
        (int X, int Y)[] places = [(1, 1), (14, 1), (1, 14), (14, 14)];
        string shown = string.Concat(places.Select(p => NameOf(values.AsSpan((p.Y * 16 + p.X) * 3, 3))));
        Assert.Equal(corners, shown);
    }

    [PictureFact]
    public void Jpeg_that_is_scaled_while_it_is_decoded_lies_where_it_did()
    {
        Write("train/a/x.jpg", PictureFiles.Jpeg);
        // 7 pixels of 48×32 by 1/4, and by 1/1 with a mean of blocks that the test takes itself.
        float[] small = Read(new Shape(1, 7, 7, 3));
        float[] large = Read(new Shape(1, 28, 28, 3));
        for (int y = 0; y < 7; y++)
        for (int x = 0; x < 7; x++)
        for (int c = 0; c < 3; c++)
        {
            float mean = 0;
            for (int k = 0; k < 16; k++)
                mean += large[((4 * y + k / 4) * 28 + 4 * x + k % 4) * 3 + c] / 16;
            // The quadrants meet in pixel 3.
            if (x != 3 && y != 3)
                Assert.Equal(mean, small[(y * 7 + x) * 3 + c], 0.15f);
        }
    }

    [PictureFact]
    public void What_is_no_picture_is_left_out_and_named()
    {
        WritePng("train/a/good.png", 16, 16, 1, 0, 0);
        byte[] png = File.ReadAllBytes(_folder.File("train/a/good.png"));
        Write("train/a/empty.jpg", []);
        Write("train/a/gif.jpg", [.. "GIF89a"u8, 1, 0, 1, 0, 0, 0, 0]);
        Write("train/a/half.jpg", PictureFiles.Jpeg[..300]);
        Write("train/a/half.png", png[..^20]);
        Write("train/a/huge.png", PictureFiles.WithHeader(png, 50_000, 50_000));
        Write("train/a/notes.txt", [.. "Bees are insects."u8]);
        Directory.CreateDirectory(_folder.File("elsewhere"));
        Write("elsewhere/x.png", png);
        List<string> expected =
        [
            "empty.jpg: it is empty",
            "gif.jpg: it is a GIF picture; JPEG and PNG are read",
            "half.jpg: it is damaged or cut short: ",
            "half.png: it is damaged or cut short: it ends before its picture does",
            "huge.png: its header announces 50000×50000 pixels: 7,500,000,000 values are more than the 268,435,456 that "
                + "are read (the limit ReadingLimits.DecodedPictureValues)",
            "notes.txt: it is no picture; JPEG and PNG are read",
        ];
        if (!OperatingSystem.IsWindows())
        {
            Link("train/a/inside.png", "train/a/good.png");
            Link("train/a/outside.png", "elsewhere/x.png");
            Link("train/a/nowhere.png", "elsewhere/none.png");
            Directory.CreateSymbolicLink(_folder.File("train/b"), _folder.File("elsewhere"));
            expected.Insert(0, "b: it is a link to a folder");
            expected.InsertRange(6, ["nowhere.png: it is a link that leads nowhere"]);
            expected.Add("outside.png: it is a link that leaves the folder");
        }
        DataSource source = PictureFolder.Open(_folder.Path, s_small);
        Assert.Equal(OperatingSystem.IsWindows() ? 1 : 2, source.Train.Count);
        string[] told = [.. source.Skipped.Select(file => $"{Path.GetFileName(file.Path)}: {file.Reason}")];
        Assert.Equal(expected.Count, told.Length);
        foreach (string line in expected)
            Assert.Contains(told, text => text.StartsWith(line, StringComparison.Ordinal));
    }

    [PictureFact]
    public void A_limit_is_the_callers()
    {
        WritePng("train/a/good.png", 16, 16, 1, 0, 0);
        ReadingLimits limits = new() { DecodedPictureValues = 16 * 16 * 3 - 1 };
        string message = Assert
            .Throws<DataFormatException>(() => PictureFolder.Open(_folder.Path, s_small, limits))
            .Message;
        Assert.Contains("DecodedPictureValues", message, StringComparison.Ordinal);
    }

    [PictureFact]
    public void Folders_that_nothing_can_be_learned_from_are_refused()
    {
        Assert.Throws<DirectoryNotFoundException>(() => PictureFolder.Open(_folder.File("none"), s_small));
        Assert.Throws<ShapeException>(() => PictureFolder.Open(_folder.Path, new Shape(1, 8, 8, 2)));
        Assert.Contains("holds no folders", Refusal(), StringComparison.Ordinal);
        WritePng("train/ants/x.png", 8, 8, 1, 1, 1);
        Directory.CreateDirectory(_folder.File("train/bees"));
        Assert.Contains("bees has no picture that can be read. ", Refusal(), StringComparison.Ordinal);
        Write("train/bees/x.jpg", []);
        Assert.Contains("x.jpg the reason is that it is empty", Refusal(), StringComparison.Ordinal);
        WritePng("train/bees/y.png", 8, 8, 1, 1, 1);
        WritePng("val/wasps/y.png", 8, 8, 1, 1, 1);
        Assert.Contains(
            "wasps is of no class that is trained: they are ants, bees",
            Refusal(),
            StringComparison.Ordinal
        );
        Directory.Delete(_folder.File("val/wasps"), recursive: true);
        Directory.CreateDirectory(_folder.File("val/bees"));
        Assert.Null(PictureFolder.Open(_folder.Path, s_small).Test);
    }

    [PictureFact]
    public void A_picture_that_vanishes_or_breaks_later_is_named_by_who_reads_it()
    {
        WritePng("train/a/x.png", 8, 8, 1, 1, 1);
        IDataset set = PictureFolder.Open(_folder.Path, s_small).Train;
        float[] values = new float[s_small.Count];
        string path = _folder.File("train/a/x.png");
        File.WriteAllBytes(path, PictureFiles.Jpeg[..200]);
        Assert.Contains("x.png: it is damaged", Assert.Throws<DataFormatException>(() => set.Read(0, values)).Message);
        File.Delete(path);
        Assert.Contains("x.png", Assert.ThrowsAny<IOException>(() => set.Read(0, values)).Message);
        Assert.Throws<ShapeException>(() =>
        {
            WritePng("train/a/x.png", 8, 8, 1, 1, 1);
            set.Read(0, new float[5]);
        });
    }

    [PictureFact]
    public void Augmented_pictures_are_the_same_bits_on_any_number_of_threads()
    {
        for (int i = 0; i < 20; i++)
            WritePng($"train/a/{i}.png", 20 + i, 45 - i, 0.1f, 0.2f, 0.3f, noise: 0.6f);
        Write("train/a/x.jpg", PictureFiles.Turned(6));
        Augmentation augmentation = new()
        {
            SmallestCrop = 0.3,
            Flip = true,
            Rotation = 20,
            Shift = 0.1,
            Brightness = 0.2,
            Cutout = 0.2,
        };
        IDataset set = augmentation.ApplyTo(PictureFolder.Open(_folder.Path, s_small).Train);
        float[] alone = Epoch(set, 1, 3);
        Assert.Equal(alone, Epoch(set, 4, 3));
        Assert.NotEqual(alone, Epoch(set, 1, 4));
        Assert.Equal(Epoch(set, 1, 4), Epoch(set, 3, 4));
    }

    private static float[] Epoch(IDataset set, int threads, int epoch)
    {
        using BatchLoader loader = new(set, 8, seed: 5, threads: threads);
        loader.StartEpoch(epoch);
        List<float> values = [];
        while (loader.Next() is Batch batch)
            values.AddRange(batch.Images.Span);
        return [.. values];
    }

    private string Refusal() =>
        Assert.Throws<DataFormatException>(() => PictureFolder.Open(_folder.Path, s_small)).Message;

    private float[] Read(Shape shape)
    {
        float[] values = new float[shape.Count];
        PictureFolder.Open(_folder.Path, shape).Train.Read(0, values);
        return values;
    }

    private static int[] Labels(IDataset set) => [.. Enumerable.Range(0, set.Count).Select(set.Label)];

    private static float Light(float value) => value * GreyScale.Deviation + GreyScale.Mean;

    private static char NameOf(ReadOnlySpan<float> pixel)
    {
        (bool red, bool green, bool blue) = (Light(pixel[0]) > 0.5, Light(pixel[1]) > 0.5, Light(pixel[2]) > 0.5);
        return (red, green, blue) switch
        {
            (true, false, false) => 'R',
            (false, true, false) => 'G',
            (false, false, true) => 'B',
            (true, true, false) => 'Y',
            _ => '?',
        };
    }

    private static void AssertColour(IDataset set, int index, float red, float green, float blue)
    {
        float[] values = new float[set.ExampleShape.Count];
        set.Read(index, values);
        float[] colour = [red, green, blue];
        for (int k = 0; k < values.Length; k++)
            Assert.Equal(colour[k % 3], Light(values[k]), 1e-3f);
    }

    private void Link(string name, string target) => File.CreateSymbolicLink(_folder.File(name), _folder.File(target));

    private void Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        File.WriteAllBytes(_folder.File(name), bytes);
    }

    private void WritePng(string name, int height, int width, float red, float green, float blue, float noise = 0)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        PictureFiles.WritePng(_folder.File(name), height, width, red, green, blue, noise);
    }
}

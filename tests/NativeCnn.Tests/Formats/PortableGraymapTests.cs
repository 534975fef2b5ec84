using System.Text;
using NativeCnn.Formats;
using NativeCnn.Randomness;
using NativeCnn.Storage;
using NativeCnn.Tensors;
using NativeCnn.Tests.Data;

namespace NativeCnn.Tests.Formats;

public sealed class PortableGraymapTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("P2\n3 1\n4\n0 1 4", 1)]
    [InlineData("P2 # a comment\n#another\r\n3#glued\n1\n4\n0 1\t4 \n", 1)]
    [InlineData("P5 3 1 255\n\0@\u007F", 1)]
    [InlineData("P3\n1 1\n4\n0 1 4\n", 3)]
    [InlineData("P6\n1 1\n4\n\0\u0001\u0004", 3)]
    [InlineData("P5\n3 1 1024\n\0\0\u0001\0\u0004\0", 1)]
    public void Every_form_is_read(string text, int channels)
    {
        Image image = PortableGraymap.Read(_folder.Write("picture", Encoding.Latin1.GetBytes(text)));
        Assert.Equal(channels == 1 ? new Shape(1, 1, 3, 1) : new Shape(1, 1, 1, 3), image.Shape);
        float[] expected = text.Contains("255", StringComparison.Ordinal) ? [0, 64 / 255f, 127 / 255f] : [0, 0.25f, 1];
        Assert.Equal(expected, image.Values);
    }

    [Fact]
    public void A_written_picture_is_read_back()
    {
        string path = _folder.File("picture.pgm");
        PortableGraymap.Write(path, new Image(2, 3, 1, [0, 1, 0.2f, 0.4f, 2, float.NaN]));
        Image image = PortableGraymap.Read(path);
        Assert.Equal(new Shape(1, 2, 3, 1), image.Shape);
        Assert.Equal([0, 1, 0.2f, 0.4f, 1, 0], image.Values);
        Assert.Throws<ArgumentException>(() => PortableGraymap.Write(path, new Image(1, 1, 3, [0, 0, 0])));
    }

    [Theory]
    [InlineData("", 0, "none of P2")]
    [InlineData("P4\n1 1\n1", 0, "none of P2")]
    [InlineData("\u0089PNG", 0, "none of P2")]
    [InlineData("P5", 2, "width")]
    [InlineData("P5\nx", 3, "width")]
    [InlineData("P5\n0 1\n255\n", 3, "width is not 1")]
    [InlineData("P5\n1 -1\n255\n", 5, "height")]
    [InlineData("P5\n99999999999999999999 1\n255\n", 3, "width is not")]
    [InlineData("P5\n1 1\n65536\n\0", 7, "maximum is not")]
    [InlineData("P5\n1 1\n0\n\0", 7, "maximum is not")]
    [InlineData("P5\n1 1\n255", 10, "One space")]
    [InlineData("P5\n2 1\n255\n\0", 12, "ends here")]
    [InlineData("P5\n2147483647 2147483647\n255\n\0", 30, "ends here")]
    [InlineData("P5\n1 1\n256\n\0", 12, "ends here")]
    [InlineData("P5\n1 1\n4\n\u0005", 9, "over the maximum")]
    [InlineData("P2\n1 1\n4\n5", 9, "value is not 0 to 4")]
    [InlineData("P2\n2 1\n4\n1  ", 12, "value should stand")]
    [InlineData("P5\n1 1\n255\n\0P5", 12, "goes on")]
    public void A_wrong_file_is_refused(string text, long offset, string words)
    {
        string path = _folder.Write("refused", Encoding.Latin1.GetBytes(text));
        DataFormatException error = Assert.Throws<DataFormatException>(() => PortableGraymap.Read(path));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{path}, byte {offset}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_with_the_formats_own_exception()
    {
        byte[][] wholes =
        [
            Encoding.ASCII.GetBytes("P2 #c\n3 2\n9\n0 1 2 3 4 5\n"),
            Encoding.ASCII.GetBytes("P6 1 2 300 abcdefabcdef"),
        ];
        RandomStream random = new(5);
        for (int round = 0; round < 3000; round++)
        {
            byte[] bytes = [.. wholes[round % 2]];
            bytes[random.NextInt(bytes.Length)] = (byte)random.NextInt(256);
            string path = _folder.Write("damaged", bytes[..(bytes.Length - random.NextInt(3))]);
            try
            {
                Assert.All(PortableGraymap.Read(path).Values, value => Assert.InRange(value, 0f, 1f));
            }
            catch (DataFormatException e)
            {
                Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Resizing_takes_the_mean_of_the_area_covered()
    {
        Image image = new(2, 3, 1, [0, 0.3f, 0.6f, 0.6f, 0.9f, 0]);
        Assert.Equal([0.4f], Fit(image, new Shape(1, 1, 1, 1)), Close);
        // Each half of the width covers one and a half columns.
        Assert.Equal([0.1f, 0.5f, 0.7f, 0.3f], Fit(image, new Shape(1, 2, 2, 1)), Close);
        Assert.Equal(
            [0, 0.3f, 0.6f, 0, 0.3f, 0.6f, 0.6f, 0.9f, 0, 0.6f, 0.9f, 0],
            Fit(image, new Shape(1, 4, 3, 1)),
            Close
        );
        Assert.Equal(image.Values, Fit(image, new Shape(64, 2, 3, 1)));
    }

    [Fact]
    public void Colour_becomes_grey_and_grey_becomes_colour()
    {
        Image colour = new(1, 2, 3, [1, 0, 0, 0.5f, 0.5f, 0.5f]);
        Assert.Equal([0.299f, 0.5f], Fit(colour, new Shape(1, 1, 2, 1)), Close);
        Assert.Equal([0.5f, 0.5f, 0.5f], Fit(new Image(1, 1, 1, [0.5f]), new Shape(1, 1, 1, 3)));
    }

    [Fact]
    public void An_input_that_is_no_picture_is_refused_with_both_shapes()
    {
        string message = Assert
            .Throws<ShapeException>(() => Fit(new Image(1, 1, 1, [0]), new Shape(1, 2, 2, 5)))
            .Message;
        Assert.Contains("1×1×1×1", message, StringComparison.Ordinal);
        Assert.Contains("1×2×2×5", message, StringComparison.Ordinal);
    }

    private static bool Close(float a, float b) => Math.Abs(a - b) <= 1e-6f;

    private static float[] Fit(Image image, Shape shape)
    {
        float[] values = new float[shape.ElementsPerExample];
        image.CopyTo(shape, values);
        return values;
    }
}

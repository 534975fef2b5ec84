using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using NativeCnn.Formats;

namespace NativeCnn.Tests.Formats;

/// <summary>PNG pictures, read back chunk by chunk as their specification has them.</summary>
public sealed class PortableNetworkGraphicsTests : IDisposable
{
    private readonly Cli.TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 2)]
    public void A_picture_has_its_chunks_its_checks_and_its_values(int channels, byte colourType)
    {
        float[] values = [.. Enumerable.Range(0, 2 * 3 * channels).Select(k => k / 17f)];
        (values[0], values[1], values[2]) = (float.NaN, -1, 2);
        byte[] file = Write(new Image(2, 3, channels, values));
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], file[..8]);
        List<(string Name, byte[] Content)> chunks = Chunks(file);
        Assert.Equal(["IHDR", "IDAT", "IEND"], chunks.Select(chunk => chunk.Name));
        Assert.Equal([0, 0, 0, 3, 0, 0, 0, 2, 8, colourType, 0, 0, 0], chunks[0].Content);
        Assert.Empty(chunks[2].Content);
        using var zlib = new ZLibStream(new MemoryStream(chunks[1].Content), CompressionMode.Decompress);
        using var rows = new MemoryStream();
        zlib.CopyTo(rows);
        byte[] expected = [.. values.Chunk(3 * channels).SelectMany(row => row.Select(ToByte).Prepend((byte)0))];
        Assert.Equal(expected, rows.ToArray());
    }

    // The last chunk of every PNG file.
    [Fact]
    public void The_check_is_the_one_that_every_file_ends_with() =>
        Assert.Equal(
            [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82],
            Write(new Image(1, 1, 1, [0]))[^12..]
        );

    [Fact]
    public void What_cannot_be_written_is_said() =>
        Assert.Throws<DirectoryNotFoundException>(() =>
            PortableNetworkGraphics.Write(_folder.At("none/x.png"), new Image(1, 1, 1, [0]))
        );

    private static byte ToByte(float value) => (byte)(float.IsNaN(value) ? 0 : Math.Clamp(value, 0, 1) * 255 + 0.5f);

    private byte[] Write(Image image)
    {
        string path = _folder.At("x.png");
        PortableNetworkGraphics.Write(path, image);
        return File.ReadAllBytes(path);
    }

    private static List<(string Name, byte[] Content)> Chunks(byte[] file)
    {
        List<(string, byte[])> chunks = [];
        for (int at = 8; at < file.Length; )
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            byte[] named = file[(at + 4)..(at + 8 + length)];
            Assert.Equal(Check(named), BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)));
            chunks.Add((Encoding.ASCII.GetString(named, 0, 4), named[4..]));
            at += 12 + length;
        }
        return chunks;
    }

    // Bit by bit.
    private static uint Check(byte[] content)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in content)
            for (int bit = 0; bit < 8; bit++)
                crc = ((crc ^ (uint)(value >> bit)) & 1) == 0 ? crc >> 1 : 0xEDB88320 ^ (crc >> 1);
        return ~crc;
    }
}

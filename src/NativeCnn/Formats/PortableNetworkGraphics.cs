using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using NativeCnn.Storage;

namespace NativeCnn.Formats;

/// <summary>
/// Pictures as browsers show them: writes PNG, 8 bits, grey or colour, not interlaced and not filtered.
/// </summary>
/// <remarks>
/// "Portable Network Graphics (PNG) Specification", W3C: chunks with a CRC-32, the rows compressed by zlib.
/// </remarks>
public static class PortableNetworkGraphics
{
    private const byte Grey = 0;
    private const byte Colour = 2;

    private static readonly uint[] s_remainders = Remainders();

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>
    /// Writes a picture of 8 bits, whole or not at all. Values are limited to [0, 1] and rounded; NaN becomes 0.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        byte[] file = ToBytes(image);
        AtomicFile.Write(path, stream => stream.Write(file));
    }

    /// <summary>The file of a picture.</summary>
    internal static byte[] ToBytes(Image image)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Shape.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), image.Shape.Height);
        // Bits of a value; then compression, filters and interlacing, of which 0 is the only one or none.
        (header[8], header[9]) = (8, image.Shape.Channels == 1 ? Grey : Colour);
        using var stream = new MemoryStream();
        stream.Write(Signature);
        WriteChunk(stream, "IHDR", header);
        WriteChunk(stream, "IDAT", Compress(image));
        WriteChunk(stream, "IEND", []);
        return stream.ToArray();
    }

    // Each row is its filter, 0 for none, and its values.
    private static byte[] Compress(Image image)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.SmallestSize))
        {
            int length = image.Shape.Width * image.Shape.Channels;
            byte[] row = new byte[length + 1];
            for (int y = 0; y < image.Shape.Height; y++)
            {
                for (int x = 0; x < length; x++)
                    row[x + 1] = Byte(image.Values[y * length + x]);
                zlib.Write(row);
            }
        }
        return compressed.ToArray();
    }

    private static byte Byte(float value) => (byte)(float.IsNaN(value) ? 0 : Math.Clamp(value, 0, 1) * 255 + 0.5f);

    // Length, name, content, and the CRC of name and content.
    private static void WriteChunk(Stream stream, string name, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        byte[] letters = Encoding.ASCII.GetBytes(name);
        stream.Write(letters);
        stream.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Checked(Checked(uint.MaxValue, letters), content));
        stream.Write(number);
    }

    // CRC-32 of ISO 3309, byte by byte.
    private static uint Checked(uint crc, ReadOnlySpan<byte> content)
    {
        foreach (byte value in content)
            crc = s_remainders[(crc ^ value) & 0xFF] ^ (crc >> 8);
        return crc;
    }

    private static uint[] Remainders()
    {
        const uint Polynomial = 0xEDB88320;
        var remainders = new uint[256];
        for (uint value = 0; value < 256; value++)
        {
            uint remainder = value;
            for (int bit = 0; bit < 8; bit++)
                remainder = (remainder & 1) == 0 ? remainder >> 1 : Polynomial ^ (remainder >> 1);
            remainders[value] = remainder;
        }
        return remainders;
    }
}

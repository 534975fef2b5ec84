using NativeCnn.Formats;

namespace NativeCnn.Tests.Data;

/// <summary>Files for tests of picture folders.</summary>
internal static class PictureFiles
{
    private const string Quadrants =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8X"
        + "GBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAAR"
        + "CAAgADADAREAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAAAAcJCP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAYAQEBAQEBAAAAAAAAAAAA"
        + "AAAACQcGCP/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AIkyp79AAXVxiIQACFOzW9AAXVxiIQADkRXh6YAAbEIJNQAAY7r2"
        + "svAAbEIJNQAAf//Z";

    /// <summary>
    /// A JPEG, 48 pixels wide and 32 high: red, green, blue and yellow quadrants, in the order of reading.
    /// </summary>
    public static byte[] Jpeg { get; } = Convert.FromBase64String(Quadrants);

    /// <summary>The same with an orientation in its EXIF.</summary>
    public static byte[] Turned(byte orientation) =>
        [
            .. Jpeg[..2],
            .. (byte[])[0xFF, 0xE1, 0, 34, .. "Exif\0\0MM\0*\0\0\0\x08"u8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0],
            .. (byte[])[orientation, 0, 0, 0, 0, 0, 0],
            .. Jpeg[2..],
        ];

    /// <summary>Writes a PNG of one colour, and of noise above it where it is asked for.</summary>
    public static void WritePng(string path, int height, int width, float red, float green, float blue, float noise = 0)
    {
        var random = new Random(height + width);
        float[] values = new float[height * width * 3];
        for (int i = 0; i < values.Length; i++)
            values[i] =
                (
                    i % 3 == 0 ? red
                    : i % 3 == 1 ? green
                    : blue
                )
                + noise * random.NextSingle();
        PortableNetworkGraphics.Write(path, new Image(height, width, 3, values));
    }

    /// <summary>A PNG whose header announces a size that it has not.</summary>
    public static byte[] WithHeader(byte[] png, int width, int height)
    {
        byte[] changed = [.. png];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(16), width);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(20), height);
        return changed;
    }
}

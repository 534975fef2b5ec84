using System.Globalization;
using System.Text;
using NativeCnn.Storage;

namespace NativeCnn.Formats;

/// <summary>
/// Netpbm's grey and colour pictures: reads PGM (P2 text, P5 binary) and PPM (P3, P6), 8 or 16 bits, with comments;
/// writes P5. A value is stored/maximum, in [0, 1].
/// </summary>
/// <remarks>The formats' manuals: netpbm.sourceforge.net/doc/pgm.html and ppm.html.</remarks>
public static class PortableGraymap
{
    /// <summary>Reads a picture.</summary>
    /// <exception cref="DataFormatException">The file is not one whole picture of these formats.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static Image Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new Parser(path, File.ReadAllBytes(path)).Read();
    }

    /// <summary>
    /// Writes a grey picture of 8 bits (P5), whole or not at all. Values are limited to [0, 1] and rounded; NaN becomes
    /// 0.
    /// </summary>
    /// <exception cref="ArgumentException">The picture is not grey.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Shape.Channels != 1)
            throw new ArgumentException($"A picture of {image.Shape} is not grey.", nameof(image));
        string header = string.Create(
            CultureInfo.InvariantCulture,
            $"P5\n{image.Shape.Width} {image.Shape.Height}\n255\n"
        );
        byte[] pixels = new byte[image.Values.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            float value = image.Values[i];
            pixels[i] = (byte)(float.IsNaN(value) ? 0 : Math.Clamp(value, 0, 1) * 255 + 0.5f);
        }
        AtomicFile.Write(
            path,
            stream =>
            {
                stream.Write(Encoding.ASCII.GetBytes(header));
                stream.Write(pixels);
            }
        );
    }

    private sealed class Parser(string path, byte[] bytes)
    {
        private int _position;

        public Image Read()
        {
            if (
                bytes.Length < 2
                || bytes[0] != 'P'
                || bytes[1] is not ((byte)'2' or (byte)'3' or (byte)'5' or (byte)'6')
            )
                throw Error(0, "The picture starts with none of P2, P3, P5 and P6; only PGM and PPM are read.");
            bool isText = bytes[1] is (byte)'2' or (byte)'3';
            int channels = bytes[1] is (byte)'2' or (byte)'5' ? 1 : 3;
            _position = 2;
            int width = ReadNumber("width", 1, int.MaxValue);
            int height = ReadNumber("height", 1, int.MaxValue);
            int maximum = ReadNumber("maximum", 1, ushort.MaxValue);
            if (!isText)
                SkipOneSpace();
            int bytesPerValue = maximum > byte.MaxValue ? 2 : 1;
            // In text each value is one digit and, but for the last, one space at least.
            long room = isText ? (bytes.Length - _position + 1) / 2 : (bytes.Length - _position) / bytesPerValue;
            if ((Int128)width * height * channels > room)
            {
                throw Error(
                    bytes.Length,
                    $"The file ends here; {width}×{height} pixels of {channels} values need more than it holds."
                );
            }
            float[] values = new float[width * height * channels];
            for (int i = 0; i < values.Length; i++)
            {
                int at = _position;
                int value = isText ? ReadNumber("value", 0, maximum) : ReadBinary(bytesPerValue);
                if (value > maximum)
                    throw Error(at, $"The value {value} is over the maximum {maximum}.");
                values[i] = value / (float)maximum;
            }
            SkipSpaces();
            if (_position < bytes.Length)
                throw Error(_position, "The file goes on after the picture.");
            return new Image(height, width, channels, values);
        }

        private int ReadBinary(int size)
        {
            int value = bytes[_position++];
            return size == 1 ? value : value << 8 | bytes[_position++];
        }

        private int ReadNumber(string what, int smallest, int largest)
        {
            SkipSpaces();
            int start = _position;
            long number = 0;
            while (_position < bytes.Length && char.IsAsciiDigit((char)bytes[_position]) && number <= int.MaxValue)
                number = number * 10 + (bytes[_position++] - '0');
            if (_position == start)
                throw Error(start, $"The {what} should stand here.");
            if (number < smallest || number > largest)
                throw Error(start, $"The {what} is not {smallest} to {largest}.");
            return (int)number;
        }

        private void SkipOneSpace()
        {
            if (_position >= bytes.Length || !IsSpace(bytes[_position]))
                throw Error(_position, "One space should stand here, before the values.");
            _position++;
        }

        /// <summary>Skips white space and comments, which go from # to the end of the line.</summary>
        private void SkipSpaces()
        {
            while (_position < bytes.Length && (IsSpace(bytes[_position]) || bytes[_position] == '#'))
            {
                if (bytes[_position++] != '#')
                    continue;
                while (_position < bytes.Length && bytes[_position] is not ((byte)'\n' or (byte)'\r'))
                    _position++;
            }
        }

        private static bool IsSpace(byte value) => value is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');

        private DataFormatException Error(int offset, string problem) => new(path, offset, problem);
    }
}

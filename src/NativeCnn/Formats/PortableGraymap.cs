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
    /// <param name="path">The file.</param>
    /// <param name="limits">How large it may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <exception cref="DataFormatException">
    /// The file is not one whole picture of these formats, or is over a limit.
    /// </exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static Image Read(string path, ReadingLimits? limits = null)
    {
        limits ??= ReadingLimits.Default;
        using FileStream file = InputFile.Open(path);
        if (ReadingLimits.Excess(file.Length, limits.PictureBytes, nameof(limits.PictureBytes), "bytes") is { } problem)
            throw new DataFormatException(path, 0, $"{problem}.");
        return new Parser(path, file, limits).Read();
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

    /// <summary>Reads byte by byte with one byte of foresight, so that only the values take memory.</summary>
    private sealed class Parser
    {
        private const int End = -1;

        private readonly string _path;
        private readonly FileStream _file;
        private readonly ReadingLimits _limits;
        private readonly long _length;
        private int _next;
        private long _position;

        public Parser(string path, FileStream file, ReadingLimits limits)
        {
            _path = path;
            _file = file;
            _limits = limits;
            _length = file.Length;
            _next = file.ReadByte();
        }

        public Image Read()
        {
            int kind = Take() == 'P' ? Take() : End;
            if (kind is not ('2' or '3' or '5' or '6'))
                throw Error(0, "The picture starts with none of P2, P3, P5 and P6; only PGM and PPM are read.");
            bool isText = kind is '2' or '3';
            int channels = kind is '2' or '5' ? 1 : 3;
            int width = ReadNumber("width", 1, int.MaxValue);
            int height = ReadNumber("height", 1, int.MaxValue);
            int maximum = ReadNumber("maximum", 1, ushort.MaxValue);
            if (!isText)
                SkipOneSpace();
            int bytesPerValue = maximum > byte.MaxValue ? 2 : 1;
            CheckSizes(width, height, channels, isText ? 0 : bytesPerValue);
            float[] values = new float[width * height * channels];
            for (int i = 0; i < values.Length; i++)
            {
                long at = _position;
                int value = isText ? ReadNumber("value", 0, maximum) : ReadBinary(bytesPerValue);
                if (value > maximum)
                    throw Error(at, $"The value {value} is over the maximum {maximum}.");
                values[i] = value / (float)maximum;
            }
            SkipSpaces();
            if (_next != End)
                throw Error(_position, "The file goes on after the picture.");
            return new Image(height, width, channels, values);
        }

        // In text each value is one digit and, but for the last, one space at least.
        private void CheckSizes(int width, int height, int channels, int bytesPerValue)
        {
            Int128 count = (Int128)width * height * channels;
            long rest = _length - _position;
            if (count > (bytesPerValue == 0 ? (rest + 1) / 2 : rest / bytesPerValue))
            {
                throw Error(
                    _length,
                    $"The file ends here; {width}×{height} pixels of {channels} values need more than it holds."
                );
            }
            long limit = Math.Min(_limits.PictureValues, Array.MaxLength);
            if (ReadingLimits.Excess(count, limit, nameof(_limits.PictureValues), "values") is { } problem)
                throw Error(_position, $"{problem}.");
        }

        private int Take()
        {
            int taken = _next;
            if (taken != End)
            {
                _next = _file.ReadByte();
                _position++;
            }
            return taken;
        }

        private int ReadBinary(int size)
        {
            int value = size == 1 ? Take() : Take() << 8 | Take();
            return value >= 0 ? value : throw Error(_position, "The file became shorter while it was read.");
        }

        private int ReadNumber(string what, int smallest, int largest)
        {
            SkipSpaces();
            long start = _position;
            long number = 0;
            while (_next is >= '0' and <= '9' && number <= int.MaxValue)
                number = number * 10 + (Take() - '0');
            if (_position == start)
                throw Error(start, $"The {what} should stand here.");
            if (number < smallest || number > largest)
                throw Error(start, $"The {what} is not {smallest} to {largest}.");
            return (int)number;
        }

        private void SkipOneSpace()
        {
            if (!IsSpace(_next))
                throw Error(_position, "One space should stand here, before the values.");
            Take();
        }

        /// <summary>Skips white space and comments, which go from # to the end of the line.</summary>
        private void SkipSpaces()
        {
            while (IsSpace(_next) || _next == '#')
            {
                if (Take() != '#')
                    continue;
                while (_next is not ('\n' or '\r' or End))
                    Take();
            }
        }

        private static bool IsSpace(int value) => value is ' ' or (>= '\t' and <= '\r');

        private DataFormatException Error(long offset, string problem) => new(_path, offset, problem);
    }
}

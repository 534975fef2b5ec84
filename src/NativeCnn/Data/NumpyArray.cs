using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NativeCnn.Storage;

namespace NativeCnn.Data;

/// <summary>
/// An array in NumPy's format (.npy, versions 1 to 3): numbers of one type, last dimension fastest. Of types, integers of
/// 8 to 64 bits, float32, float64 and booleans are read, in either byte order.
/// </summary>
/// <remarks>"NEP 1: a simple file format for NumPy arrays".</remarks>
internal sealed partial class NumpyArray
{
    private const int LongestHeader = 1 << 16;
    private const int Chunk = 1 << 20;

    private readonly byte[] _bytes;
    private readonly char _kind;
    private readonly int _size;
    private readonly bool _isBigEndian;

    private NumpyArray(int[] sizes, byte[] bytes, char kind, int size, bool isBigEndian)
    {
        Sizes = sizes;
        _bytes = bytes;
        _kind = kind;
        _size = size;
        _isBigEndian = isBigEndian;
    }

    /// <summary>The dimensions' sizes; none for a single number.</summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>The number of elements.</summary>
    public int Count => _bytes.Length / _size;

    /// <summary>Whether elements are bytes without a sign.</summary>
    public bool HoldsBytes => _kind == 'u' && _size == 1;

    /// <summary>Whether elements are whole numbers.</summary>
    public bool HoldsIntegers => _kind is 'u' or 'i' or 'b';

    /// <summary>An element as a number.</summary>
    public double this[int index]
    {
        get
        {
            ReadOnlySpan<byte> element = _bytes.AsSpan(index * _size, _size);
            ulong bits = 0;
            for (int k = 0; k < _size; k++)
                bits |= (ulong)element[_isBigEndian ? _size - 1 - k : k] << (8 * k);
            return (_kind, _size) switch
            {
                ('f', 4) => BitConverter.UInt32BitsToSingle((uint)bits),
                ('f', 8) => BitConverter.UInt64BitsToDouble(bits),
                ('i', _) => unchecked((long)(bits << (64 - 8 * _size))) >> (64 - 8 * _size),
                _ => bits,
            };
        }
    }

    /// <summary>The elements, where they are bytes.</summary>
    public byte[] Bytes => HoldsBytes ? _bytes : throw new InvalidOperationException("The elements are no bytes.");

    /// <summary>Reads an array.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="stream">Where it begins.</param>
    /// <param name="limits">How large it may be.</param>
    /// <exception cref="DataFormatException">It is no whole array of a type that is read, or over a limit.</exception>
    public static NumpyArray Read(string name, Stream stream, ReadingLimits limits)
    {
        Span<byte> start = stackalloc byte[12];
        if (
            stream.ReadAtLeast(start[..8], 8, throwOnEndOfStream: false) < 8
            || !start.StartsWith((ReadOnlySpan<byte>)[0x93, .. "NUMPY"u8])
        )
            throw new DataFormatException(name, 0, "It does not begin as an array of NumPy's (.npy).");
        int major = start[6];
        if (major is < 1 or > 3)
            throw new DataFormatException(name, 6, $"It is of version {major}; 1 to 3 are read.");
        int sizeBytes = major == 1 ? 2 : 4;
        Fill(name, stream, start.Slice(8, sizeBytes), 8);
        long length =
            major == 1
                ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..])
                : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (length > LongestHeader)
            throw new DataFormatException(name, 8, $"Its header has {length} bytes; {LongestHeader} are read at most.");
        byte[] header = new byte[length];
        Fill(name, stream, header, 8 + sizeBytes);
        return Read(name, stream, Encoding.UTF8.GetString(header), 8 + sizeBytes + length, limits);
    }

    private static NumpyArray Read(string name, Stream stream, string header, long offset, ReadingLimits limits)
    {
        Match type = TypePattern().Match(header);
        Match order = OrderPattern().Match(header);
        Match shape = ShapePattern().Match(header);
        if (!type.Success || !order.Success || !shape.Success)
            throw new DataFormatException(name, 10, "Its header is none of an array of plain numbers.");
        if (order.Groups[1].Value == "True")
            throw new DataFormatException(
                name,
                10,
                "Its first dimension is the fastest (Fortran's order). Save numpy.ascontiguousarray of it."
            );
        char kind = type.Groups[2].Value[0];
        int size = int.Parse(type.Groups[3].Value, CultureInfo.InvariantCulture);
        bool isRead = kind switch
        {
            'f' => size is 4 or 8,
            'b' => size == 1,
            _ => size is 1 or 2 or 4 or 8,
        };
        if (!isRead)
            throw new DataFormatException(
                name,
                10,
                $"Its elements are of type {kind}{size}; integers, f4, f8 and b1 are read."
            );
        int[] sizes = SizesOf(name, shape.Groups[1].Value);
        Int128 count = 1;
        foreach (int side in sizes)
        {
            count *= side;
            long most = Math.Min(limits.NumpyElements, Array.MaxLength / size);
            if (ReadingLimits.Excess(count, most, nameof(limits.NumpyElements), "elements") is { } problem)
                throw new DataFormatException(name, 10, $"{problem}.");
        }
        byte[] bytes = ReadBytes(name, stream, (int)count * size, offset);
        if (stream.ReadByte() >= 0)
            throw new DataFormatException(name, offset + bytes.Length, "It goes on after its last element.");
        return new NumpyArray(sizes, bytes, kind, size, type.Groups[1].Value == ">");
    }

    private static int[] SizesOf(string name, string text)
    {
        List<int> sizes = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int size))
                throw new DataFormatException(name, 10, $"'{part}' is no size of a dimension.");
            sizes.Add(size);
        }
        return [.. sizes];
    }

    // A false header cannot claim more than twice what is there.
    private static byte[] ReadBytes(string name, Stream stream, int count, long offset)
    {
        byte[] bytes = new byte[Math.Min(count, Chunk)];
        int filled = 0;
        while (true)
        {
            Fill(name, stream, bytes.AsSpan(filled), offset + filled);
            filled = bytes.Length;
            if (filled == count)
                return bytes;
            Array.Resize(ref bytes, (int)Math.Min(count, 2L * filled));
        }
    }

    private static void Fill(string name, Stream stream, Span<byte> place, long offset)
    {
        int count = stream.ReadAtLeast(place, place.Length, throwOnEndOfStream: false);
        if (count < place.Length)
            throw new DataFormatException(name, offset + count, "It ends here, before its last element.");
    }

    [GeneratedRegex(@"'descr'\s*:\s*'([<>|=])([uifb])(\d{1,2})'")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex OrderPattern();

    [GeneratedRegex(@"'shape'\s*:\s*\(([0-9, ]*)\)")]
    private static partial Regex ShapePattern();
}

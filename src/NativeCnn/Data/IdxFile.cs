using System.Buffers.Binary;
using System.IO.Compression;
using NativeCnn.Storage;

namespace NativeCnn.Data;

/// <summary>
/// An IDX file of unsigned bytes, the format of MNIST: two zero bytes, the element type, the rank, one big-endian
/// 32-bit size for each dimension, then the elements, last dimension fastest. Compressed files (gzip) are known by
/// their first bytes, not by name.
/// </summary>
/// <remarks>Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits".</remarks>
public sealed class IdxFile
{
    private const int FixedHeaderLength = 4;
    private const int FirstChunk = 1 << 20;

    // Deflate's best: 258 bytes in 2 bits.
    private const long MostUnpacked = 1032;

    private IdxFile(int[] sizes, byte[] values)
    {
        Sizes = sizes;
        Values = values;
    }

    /// <summary>The dimensions' sizes, each 1 or more.</summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>The elements.</summary>
    public byte[] Values { get; }

    /// <summary>Where the elements start, in bytes from the start of the (unpacked) file.</summary>
    public int HeaderLength => FixedHeaderLength + 4 * Sizes.Count;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rank">The number of dimensions that it must have: 3 for images, 1 for labels.</param>
    /// <param name="limits">How large it may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rank is not 1 to 255.</exception>
    /// <exception cref="DataFormatException">
    /// It is no whole IDX file of unsigned bytes and of this rank, or is over a limit.
    /// </exception>
    /// <exception cref="IOException">It cannot be opened or read.</exception>
    public static IdxFile Read(string path, int rank, ReadingLimits? limits = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, byte.MaxValue);
        limits ??= ReadingLimits.Default;
        using FileStream file = InputFile.Open(path);
        bool compressed = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        if (!compressed)
            return Read(path, file, rank, file.Length, file.Length, limits);
        using GZipStream unpacked = new(file, CompressionMode.Decompress);
        try
        {
            return Read(path, unpacked, rank, knownLength: null, MostUnpacked * file.Length, limits);
        }
        catch (InvalidDataException e)
        {
            throw new DataFormatException($"{path}: the gzip data is damaged; fetch the file again.", e);
        }
    }

    private static IdxFile Read(
        string path,
        Stream stream,
        int rank,
        long? knownLength,
        long longest,
        ReadingLimits limits
    )
    {
        int[] sizes = ReadHeader(path, stream, rank);
        int headerLength = FixedHeaderLength + 4 * rank;
        long count = CountElements(path, sizes, limits);
        if (knownLength is long length && length != headerLength + count)
        {
            throw length < headerLength + count
                ? Truncated(path, length, headerLength + count)
                : TooLong(path, headerLength + count);
        }
        byte[] values = ReadValues(path, stream, count, headerLength, longest);
        if (stream.ReadByte() >= 0)
            throw TooLong(path, headerLength + count);
        return new IdxFile(sizes, values);
    }

    private static int[] ReadHeader(string path, Stream stream, int rank)
    {
        Span<byte> header = stackalloc byte[FixedHeaderLength];
        int read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read < header.Length)
            throw Truncated(path, read, header.Length);
        if (header[0] != 0 || header[1] != 0)
        {
            throw new DataFormatException(
                path,
                0,
                $"An IDX file starts with bytes 00 00, this one with {header[0]:X2} {header[1]:X2}."
            );
        }
        if (header[2] != 0x08)
        {
            throw new DataFormatException(
                path,
                2,
                $"Elements are of type 0x{header[2]:X2} ({TypeName(header[2])}); only 0x08 (unsigned byte) is read."
            );
        }
        if (header[3] != rank)
            throw new DataFormatException(path, 3, $"The rank is {header[3]} where {rank} is needed.");
        Span<byte> field = stackalloc byte[4];
        int[] sizes = new int[rank];
        for (int i = 0; i < rank; i++)
        {
            int offset = FixedHeaderLength + 4 * i;
            read = stream.ReadAtLeast(field, field.Length, throwOnEndOfStream: false);
            if (read < field.Length)
                throw Truncated(path, offset + read, FixedHeaderLength + 4 * rank);
            uint size = BinaryPrimitives.ReadUInt32BigEndian(field);
            if (size is 0 or > int.MaxValue)
                throw new DataFormatException(
                    path,
                    offset,
                    $"Dimension {i} has size {size}; 1 to {int.MaxValue} can be."
                );
            sizes[i] = (int)size;
        }
        return sizes;
    }

    private static long CountElements(string path, int[] sizes, ReadingLimits limits)
    {
        Int128 count = 1;
        foreach (int size in sizes)
        {
            count *= size;
            long limit = Math.Min(limits.IdxElements, Array.MaxLength);
            if (ReadingLimits.Excess(count, limit, nameof(limits.IdxElements), "elements") is { } problem)
                throw new DataFormatException(path, FixedHeaderLength, $"{string.Join('×', sizes)}: {problem}.");
        }
        return (long)count;
    }

    /// <summary>
    /// Reads what the header promises. If the file cannot be as long as that (<paramref name="longest"/>), the memory
    /// grows with what was really read, so that a false header cannot claim it.
    /// </summary>
    private static byte[] ReadValues(string path, Stream stream, long count, int headerLength, long longest)
    {
        bool isPossible = headerLength + count <= longest;
        byte[] values = new byte[isPossible ? count : Math.Min(count, FirstChunk)];
        int filled = 0;
        while (true)
        {
            filled += stream.ReadAtLeast(values.AsSpan(filled), values.Length - filled, throwOnEndOfStream: false);
            if (filled < values.Length)
                throw Truncated(path, headerLength + filled, headerLength + count);
            if (filled == count)
                return values;
            Array.Resize(ref values, (int)Math.Min(count, 2L * values.Length));
        }
    }

    private static DataFormatException Truncated(string path, long length, long needed) =>
        new(path, length, $"The file ends here; its header needs {needed} bytes. Fetch the file again.");

    private static DataFormatException TooLong(string path, long end) =>
        new(path, end, "The file goes on after the last element that its header announces.");

    private static string TypeName(byte type) =>
        type switch
        {
            0x09 => "signed byte",
            0x0B => "16-bit integer",
            0x0C => "32-bit integer",
            0x0D => "32-bit floating point",
            0x0E => "64-bit floating point",
            _ => "unknown",
        };
}

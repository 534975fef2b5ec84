using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NativeCnn.Storage;

namespace NativeCnn.Formats;

/// <summary>Where a tensor lies in a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dimensions">Its sizes, last one fastest; a scalar has none.</param>
/// <param name="Count">The number of its values.</param>
/// <param name="Offset">Its first byte, from the start of the file.</param>
public sealed record SafetensorsEntry(string Name, IReadOnlyList<int> Dimensions, int Count, long Offset);

/// <summary>
/// An open safetensors file of single-precision tensors. Opening checks the whole header against the file's size;
/// values are then read straight into their destination.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly Dictionary<string, SafetensorsEntry> _byName;

    private SafetensorsFile(string path, SafeFileHandle file, ReadingLimits limits)
    {
        _path = path;
        _file = file;
        long fileLength = RandomAccess.GetLength(file);
        byte[] header = ReadHeader(fileLength, limits);
        SafetensorsHeader parsed = SafetensorsHeader.Parse(path, header, fileLength);
        Metadata = parsed.Metadata;
        Entries = parsed.Entries;
        _byName = Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>The free text by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors in the order of their values.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>Opens a file and checks all of it but the values.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How long its header may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <exception cref="DataFormatException">
    /// The file is cut short or too long, its header is not the JSON that the format asks for, two tensors have one
    /// name, a tensor is not F32 or its sizes do not fit its bytes, or tensors overlap or leave holes.
    /// </exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static SafetensorsFile Open(string path, ReadingLimits? limits = null)
    {
        Safetensors.RequireLittleEndian();
        SafeFileHandle file = InputFile.OpenHandle(path);
        try
        {
            return new SafetensorsFile(path, file, limits ?? ReadingLimits.Default);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of a name, or null.</summary>
    public SafetensorsEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Reads the values of a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">As many places as it has values.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="ArgumentException">The destination has another number of places.</exception>
    /// <exception cref="DataFormatException">The file became shorter since it was opened.</exception>
    public void Read(string name, Span<float> values)
    {
        SafetensorsEntry entry = Find(name) ?? throw new KeyNotFoundException($"{_path} has no tensor '{name}'.");
        if (values.Length != entry.Count)
        {
            throw new ArgumentException(
                $"'{name}' in {_path} has {entry.Count} values ({string.Join('×', entry.Dimensions)}), not {values.Length}.",
                nameof(values)
            );
        }
        long offset = entry.Offset;
        while (values.Length > 0)
        {
            int length = Math.Min(values.Length, Safetensors.ChunkLength);
            ReadExactly(MemoryMarshal.AsBytes(values[..length]), offset);
            values = values[length..];
            offset += (long)length * sizeof(float);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private byte[] ReadHeader(long fileLength, ReadingLimits limits)
    {
        if (fileLength < Safetensors.LengthSize)
        {
            throw new DataFormatException(
                _path,
                fileLength,
                $"The file ends in the {Safetensors.LengthSize} bytes of its header's length; it is no safetensors file."
            );
        }
        Span<byte> field = stackalloc byte[Safetensors.LengthSize];
        ReadExactly(field, 0);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(field);
        if (length > Safetensors.LongestHeader)
        {
            throw new DataFormatException(
                _path,
                0,
                $"The header would be {length} bytes long; {Safetensors.LongestHeader} are allowed. It is no safetensors file."
            );
        }
        if ((long)length > fileLength - Safetensors.LengthSize)
        {
            throw new DataFormatException(
                _path,
                fileLength,
                $"The file ends here; its header alone needs {length + Safetensors.LengthSize} bytes."
            );
        }
        string? excess = ReadingLimits.Excess(
            length,
            limits.HeaderBytes,
            nameof(limits.HeaderBytes),
            "bytes of header"
        );
        if (excess is not null)
            throw new DataFormatException(_path, 0, $"{excess}.");
        byte[] header = new byte[length];
        ReadExactly(header, Safetensors.LengthSize);
        return header;
    }

    private void ReadExactly(Span<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            int read = RandomAccess.Read(_file, bytes, offset);
            if (read == 0)
                throw new DataFormatException(_path, offset, "The file became shorter while it was read.");
            bytes = bytes[read..];
            offset += read;
        }
    }
}

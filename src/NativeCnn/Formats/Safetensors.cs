using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Formats;

/// <summary>A named array to be written: its values and the sizes under which readers see them.</summary>
/// <param name="Name">The name, unlike the others of the file.</param>
/// <param name="Dimensions">
/// The sizes, last one fastest; their product is the number of values. A scalar has none.
/// </param>
/// <param name="Values">Single-precision values.</param>
public sealed record SafetensorsTensor(string Name, IReadOnlyList<int> Dimensions, Tensor Values);

/// <summary>
/// Writes safetensors files: an unsigned 64-bit little-endian length, a JSON header of that length padded with spaces
/// so that the data starts at a multiple of 8, then the tensors' values without gaps, little-endian. See <see
/// cref="SafetensorsFile"/> for reading.
/// </summary>
/// <remarks>https://github.com/huggingface/safetensors</remarks>
public static class Safetensors
{
    /// <summary>The longest header that the format allows, in bytes.</summary>
    public const int LongestHeader = 100_000_000;

    internal const int LengthSize = 8;
    internal const string MetadataName = "__metadata__";
    internal const string SinglePrecision = "F32";

    // Spans count bytes in an int, and a tensor may have more bytes than that.
    internal const int ChunkLength = 1 << 24;

    /// <summary>Writes a file whole or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">The tensors, in the order in which their values are stored.</param>
    /// <param name="metadata">Free text by name, stored in the order of the names.</param>
    /// <exception cref="ArgumentException">
    /// Two tensors have the same name, a name is <c>__metadata__</c>, sizes do not fit the values, or values are not
    /// single precision.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string path,
        IReadOnlyList<SafetensorsTensor> tensors,
        IReadOnlyDictionary<string, string> metadata
    )
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(metadata);
        RequireLittleEndian();
        Check(tensors);
        byte[] header = Header(tensors, metadata);
        AtomicFile.Write(
            path,
            stream =>
            {
                Span<byte> length = stackalloc byte[LengthSize];
                BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
                stream.Write(length);
                stream.Write(header);
                foreach (SafetensorsTensor tensor in tensors)
                {
                    ReadOnlySpan<float> rest = tensor.Values.Span;
                    for (; rest.Length > ChunkLength; rest = rest[ChunkLength..])
                        stream.Write(MemoryMarshal.AsBytes(rest[..ChunkLength]));
                    stream.Write(MemoryMarshal.AsBytes(rest));
                }
            }
        );
    }

    internal static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Model files are little-endian; this processor is not.");
    }

    private static void Check(IReadOnlyList<SafetensorsTensor> tensors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (SafetensorsTensor tensor in tensors)
        {
            if (tensor.Name == MetadataName || !names.Add(tensor.Name))
                throw new ArgumentException($"The name '{tensor.Name}' is taken.", nameof(tensors));
            if (tensor.Values.Type != ElementType.Float32)
                throw new ArgumentException(
                    $"'{tensor.Name}' is {tensor.Values.Type}; only Float32 is written.",
                    nameof(tensors)
                );
            if (tensor.Dimensions.Aggregate(1L, (count, size) => count * size) != tensor.Values.Count)
            {
                throw new ArgumentException(
                    $"'{tensor.Name}' has {tensor.Values.Count} values, not {string.Join('×', tensor.Dimensions)}.",
                    nameof(tensors)
                );
            }
        }
    }

    private static byte[] Header(IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using MemoryStream buffer = new();
        // Relaxed escaping keeps nested JSON and other scripts legible; the text is never put into a web page.
        JsonWriterOptions options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter json = new(buffer, options))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject(MetadataName);
                foreach ((string name, string text) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(name, text);
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (SafetensorsTensor tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", SinglePrecision);
                json.WriteStartArray("shape");
                foreach (int size in tensor.Dimensions)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                offset += tensor.Values.ByteCount;
                json.WriteNumberValue(offset);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % LengthSize != 0)
            buffer.WriteByte((byte)' ');
        if (buffer.Length > LongestHeader)
            throw new ArgumentException(
                $"A header of {buffer.Length} bytes is longer than the {LongestHeader} allowed."
            );
        return buffer.ToArray();
    }
}

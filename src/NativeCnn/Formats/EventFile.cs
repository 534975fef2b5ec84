using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace NativeCnn.Formats;

/// <summary>
/// Appends numbers to an event file as TensorBoard reads them: records of a length, its checksum, the content and its
/// checksum; a content is a protocol buffer of type Event.
/// </summary>
/// <remarks>
/// The framing is that of TensorFlow's <c>record_writer.h</c>, the messages are those of <c>event.proto</c> and
/// <c>summary.proto</c>. Each record is flushed to the operating system: what a killed process has written can be read,
/// and readers pass over a last record that is cut short.
/// </remarks>
public sealed class EventFile : IDisposable
{
    private static readonly uint[] s_remainders = Remainders();

    private readonly FileStream _stream;

    /// <summary>Makes a file in a folder, named so that TensorBoard finds it and no other run's is replaced.</summary>
    /// <param name="folder">The folder, which is made if it is missing.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be made.</exception>
    public EventFile(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Directory.CreateDirectory(folder);
        FilePath = Path.Combine(
            folder,
            string.Create(
                CultureInfo.InvariantCulture,
                $"events.out.tfevents.{DateTimeOffset.UtcNow.ToUnixTimeSeconds():D10}.nativecnn.{Guid.NewGuid():N}"
            )
        );
        _stream = new FileStream(FilePath, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        Message message = new();
        message.Text(3, "brain.Event:2");
        Write(0, message);
    }

    /// <summary>The file.</summary>
    public string FilePath { get; }

    /// <summary>Appends a number.</summary>
    /// <param name="tag">What it is; TensorBoard groups by what stands before a slash.</param>
    /// <param name="step">When in the run.</param>
    /// <param name="value">The number; it is kept as float32.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Add(string tag, long step, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        Message number = new();
        number.Text(1, tag);
        number.Single(2, (float)value);
        Message summary = new();
        summary.Nested(1, number);
        Message message = new();
        message.Nested(5, summary);
        Write(step, message);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private void Write(long step, Message rest)
    {
        Message record = new();
        record.Double(1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
        record.Integer(2, step);
        byte[] content = [.. record.Bytes, .. rest.Bytes];
        byte[] framed = new byte[sizeof(ulong) + sizeof(uint) + content.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(framed, (ulong)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(framed.AsSpan(8), Checksum(framed.AsSpan(0, 8)));
        content.CopyTo(framed, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(framed.AsSpan(12 + content.Length), Checksum(content));
        _stream.Write(framed);
        _stream.Flush();
    }

    // CRC-32C, rotated and shifted as the format has it, so that a checksum of checksums is no fixed number.
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint remainder = uint.MaxValue;
        foreach (byte b in bytes)
            remainder = s_remainders[(remainder ^ b) & 0xFF] ^ (remainder >> 8);
        remainder = ~remainder;
        return unchecked(((remainder >> 15) | (remainder << 17)) + 0xA282EAD8);
    }

    private static uint[] Remainders()
    {
        const uint Polynomial = 0x82F63B78;
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint remainder = i;
            for (int bit = 0; bit < 8; bit++)
                remainder = (remainder & 1) == 0 ? remainder >> 1 : Polynomial ^ (remainder >> 1);
            table[i] = remainder;
        }
        return table;
    }

    // A protocol buffer: fields of a number and a wire type.
    private sealed class Message
    {
        private const int Varint = 0;
        private const int Fixed64 = 1;
        private const int Delimited = 2;
        private const int Fixed32 = 5;

        private readonly List<byte> _bytes = [];

        public IReadOnlyList<byte> Bytes => _bytes;

        public void Integer(int field, long value)
        {
            Key(field, Varint);
            Number((ulong)value);
        }

        public void Double(int field, double value)
        {
            Key(field, Fixed64);
            Span<byte> bytes = stackalloc byte[sizeof(double)];
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
            _bytes.AddRange(bytes);
        }

        public void Single(int field, float value)
        {
            Key(field, Fixed32);
            Span<byte> bytes = stackalloc byte[sizeof(float)];
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            _bytes.AddRange(bytes);
        }

        public void Text(int field, string text) => Content(field, Encoding.UTF8.GetBytes(text));

        public void Nested(int field, Message message) => Content(field, [.. message.Bytes]);

        private void Content(int field, byte[] bytes)
        {
            Key(field, Delimited);
            Number((ulong)bytes.Length);
            _bytes.AddRange(bytes);
        }

        private void Key(int field, int type) => Number((ulong)((field << 3) | type));

        private void Number(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                _bytes.Add((byte)(value & 0x7F | 0x80));
            _bytes.Add((byte)value);
        }
    }
}

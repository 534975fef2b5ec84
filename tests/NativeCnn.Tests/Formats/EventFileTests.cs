using System.Buffers.Binary;
using System.Text;
using NativeCnn.Formats;
using NativeCnn.Tests.Cli;
using NativeCnn.Training;

namespace NativeCnn.Tests.Formats;

/// <summary>Event files are read back here by a reader of their own.</summary>
public sealed class EventFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Numbers_are_read_back_with_their_tags_and_steps_and_checksums_fit()
    {
        using var file = new EventFile(_folder.At("runs"));
        file.Add("test/loss", 1, 0.25);
        file.Add("größe", 300_000_000_000, double.NaN);
        // Also of a file that is still written to.
        Assert.Equal([("test/loss", 1, 0.25f), ("größe", 300_000_000_000, float.NaN)], Read(file.FilePath));
        Assert.StartsWith("events.out.tfevents.", Path.GetFileName(file.FilePath), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_has_its_epochs_and_the_loss_in_between()
    {
        using var observer = new EventObserver(_folder.Path) { EveryBatches = 2 };
        Assert.Null(observer.FilePath);
        for (int batch = 1; batch <= 4; batch++)
            observer.BatchFinished(new TrainingProgress(2, 3, batch, 4, batch, 0.5, 10, TimeSpan.Zero));
        observer.EpochFinished(new EpochRecord(2, 0.5, 0.75, null, null, 1, 100));
        Assert.Equal(
            [
                ("running/loss", 6, 2f),
                ("running/loss", 8, 4f),
                ("train/loss", 8, 0.5f),
                ("train/accuracy", 8, 0.75f),
                ("speed/images_per_second", 8, 100f),
            ],
            Read(observer.FilePath!)
        );
    }

    // Checked by its published value: the polynomial bit by bit.
    [Fact]
    public void The_readers_checksum_is_Castagnolis() =>
        Assert.Equal(0xE3069283, Castagnoli(Encoding.ASCII.GetBytes("123456789")));

    private static List<(string Tag, long Step, float Value)> Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        ReadOnlySpan<byte> rest = memory.ToArray();
        List<(string, long, float)> numbers = [];
        bool isFirst = true;
        while (rest.Length > 0)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
            Assert.Equal(Masked(rest[..8]), BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]));
            ReadOnlySpan<byte> content = rest.Slice(12, length);
            Assert.Equal(Masked(content), BinaryPrimitives.ReadUInt32LittleEndian(rest[(12 + length)..]));
            rest = rest[(16 + length)..];
            Dictionary<int, byte[]> fields = Fields(content);
            Assert.InRange(
                BitConverter.ToDouble(fields[1]),
                DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 600,
                DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1
            );
            if (isFirst)
            {
                Assert.Equal("brain.Event:2", Encoding.UTF8.GetString(fields[3]));
                isFirst = false;
                continue;
            }
            Dictionary<int, byte[]> value = Fields(Fields(fields[5])[1]);
            numbers.Add(
                (Encoding.UTF8.GetString(value[1]), BitConverter.ToInt64(fields[2]), BitConverter.ToSingle(value[2]))
            );
        }
        return numbers;
    }

    private static Dictionary<int, byte[]> Fields(ReadOnlySpan<byte> message)
    {
        Dictionary<int, byte[]> fields = [];
        while (message.Length > 0)
        {
            ulong key = Varint(ref message);
            byte[] content;
            switch (key & 7)
            {
                case 0:
                    content = BitConverter.GetBytes(Varint(ref message));
                    break;
                case 1:
                    content = Take(ref message, 8);
                    break;
                case 5:
                    content = Take(ref message, 4);
                    break;
                default:
                    Assert.Equal(2UL, key & 7);
                    content = Take(ref message, (int)Varint(ref message));
                    break;
            }
            Assert.True(fields.TryAdd((int)(key >> 3), content));
        }
        return fields;
    }

    private static byte[] Take(ref ReadOnlySpan<byte> bytes, int count)
    {
        byte[] taken = bytes[..count].ToArray();
        bytes = bytes[count..];
        return taken;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = Take(ref bytes, 1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }

    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint sum = Castagnoli(bytes);
        return unchecked(((sum >> 15) | (sum << 17)) + 0xA282EAD8);
    }

    private static uint Castagnoli(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        foreach (byte b in bytes)
        {
            sum ^= b;
            for (int bit = 0; bit < 8; bit++)
                sum = (sum >> 1) ^ ((sum & 1) * 0x82F63B78);
        }
        return ~sum;
    }
}

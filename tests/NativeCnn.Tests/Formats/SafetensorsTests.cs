using System.Buffers.Binary;
using System.Text;
using NativeCnn.Formats;
using NativeCnn.Randomness;
using NativeCnn.Storage;
using NativeCnn.Tensors;
using NativeCnn.Tests.Data;

namespace NativeCnn.Tests.Formats;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read_bit_by_bit()
    {
        using Tensor weights = new(new Shape(2, 3, 1, 2));
        using Tensor bias = new(Shape.Vector(1, 3));
        // A quiet NaN with a payload, a signalling one, a denormal, −0 and infinity.
        uint[] bits = [0x7FC12345, 0x7F800001, 1, 0x80000000, 0xFF800000, 0, 0x3F800000, 0xFFFFFFFF, 2, 3, 4, 5];
        for (int i = 0; i < bits.Length; i++)
            weights.Span[i] = BitConverter.UInt32BitsToSingle(bits[i]);
        new float[] { 1.5f, -2, 3 }.CopyTo(bias.Span);
        Dictionary<string, string> metadata = new() { ["net"] = "{\"layers\":[\"Faltung ü 畳\"]}", ["empty"] = "" };
        string path = _folder.File("model.safetensors");
        Safetensors.Write(path, [new("first.filters", [2, 3, 2], weights), new("first.bias", [3], bias)], metadata);

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(metadata.OrderBy(pair => pair.Key), file.Metadata.OrderBy(pair => pair.Key));
        Assert.Equal(["first.filters", "first.bias"], file.Entries.Select(entry => entry.Name));
        Assert.Equal([2, 3, 2], file.Entries[0].Dimensions);
        Assert.Equal([3], file.Find("first.bias")?.Dimensions);
        Assert.Null(file.Find("second.bias"));
        float[] values = new float[12];
        file.Read("first.filters", values);
        Assert.Equal(bits, values.Select(BitConverter.SingleToUInt32Bits));
        float[] three = new float[3];
        file.Read("first.bias", three);
        Assert.Equal([1.5f, -2, 3], three);
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        using Tensor one = new(Shape.Vector(1, 1));
        one.Span[0] = 1;
        string path = _folder.File("model.safetensors");
        Safetensors.Write(path, [new("a", [], one)], new Dictionary<string, string> { ["k"] = "v" });
        byte[] bytes = File.ReadAllBytes(path);
        const string Json = """{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""";
        int padded = (Json.Length + 7) / 8 * 8;
        Assert.Equal((ulong)padded, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        Assert.Equal(Json.PadRight(padded), Encoding.UTF8.GetString(bytes, 8, padded));
        Assert.Equal([0, 0, 0x80, 0x3F], bytes[(8 + padded)..]);
    }

    [Fact]
    public void A_file_without_tensors_is_a_file()
    {
        string path = _folder.File("model.safetensors");
        Safetensors.Write(path, [], new Dictionary<string, string>());
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Empty(file.Entries);
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void Tensors_may_stand_in_any_order_and_be_empty_or_scalar()
    {
        byte[] bytes = Build(
            """{"b":{"shape":[],"dtype":"F32","data_offsets":[4,8]},"e":{"dtype":"F32","shape":[0,7],"data_offsets":[4,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"note":{"any":[1]}}}  """,
            8
        );
        bytes[^1] = 0x40;
        using SafetensorsFile file = SafetensorsFile.Open(_folder.Write("model", bytes));
        Assert.Equal(["a", "e", "b"], file.Entries.Select(entry => entry.Name));
        float[] value = new float[1];
        file.Read("b", value);
        Assert.Equal(2f, value[0]);
        file.Read("e", []);
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        byte[] whole = Whole();
        for (int length = 0; length < whole.Length; length++)
            Refuse(whole[..length]);
    }

    [Fact]
    public void A_file_that_goes_on_is_refused() =>
        Assert.Contains("goes on after the last", Refuse([.. Whole(), 0]).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0UL, "JSON")]
    [InlineData(1UL, "JSON")]
    [InlineData(5000UL, "ends here")]
    [InlineData(100_000_000UL, "ends here")]
    [InlineData(100_000_001UL, "are allowed")]
    [InlineData(0x8000_0000_0000_0000UL, "are allowed")]
    [InlineData(ulong.MaxValue, "are allowed")]
    public void A_false_header_length_is_refused(ulong length, string words)
    {
        byte[] bytes = Whole();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        Assert.Contains(words, Refuse(bytes).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", 0, "an object here")]
    [InlineData("{} {}", 0, "JSON")]
    [InlineData("""{"a":1}""", 0, "describes 'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]""", 4, "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "lacks")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "lacks")]
    [InlineData("""{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}""", 4, "type BF16")]
    [InlineData("""{"a":{"dtype":null,"shape":[1],"data_offsets":[0,4]}}""", 4, "the type of 'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "1 offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, "3 offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "is said to be at")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "is said to be at")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "more than")]
    [InlineData("""{"a":{"dtype":"F32","shape":[65536,65536],"data_offsets":[0,0]}}""", 0, "more than")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999999]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "hole")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""",
        12,
        "overlaps"
    )]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
        8,
        "'a' occurs twice"
    )]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "'dtype' occurs twice")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""", 0, "'k' occurs twice")]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, "text as metadata 'k'")]
    [InlineData("""{"__metadata__":"k"}""", 0, "an object of metadata")]
    [InlineData("""{"__metadata__":{"k":"\ud800"}}""", 0, "JSON")]
    [InlineData("", 0, "JSON")]
    [InlineData("{}", 4, "goes on after the last")]
    public void A_wrong_header_is_refused(string json, int dataLength, string words) =>
        Assert.Contains(words, Refuse(Build(json, dataLength)).Message, StringComparison.Ordinal);

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        byte[] bytes = Build("""{"__metadata__":{"k":"?"}}""", 0);
        bytes[Array.IndexOf(bytes, (byte)'?')] = 0xFF;
        Assert.Contains("JSON", Refuse(bytes).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_with_the_formats_own_exception()
    {
        byte[] whole = Whole();
        RandomStream random = new(3);
        int refused = 0;
        for (int round = 0; round < 3000; round++)
        {
            byte[] bytes = Damage(whole, ref random);
            string path = _folder.Write("damaged", bytes);
            try
            {
                using SafetensorsFile file = SafetensorsFile.Open(path);
                foreach (SafetensorsEntry entry in file.Entries)
                    file.Read(entry.Name, new float[entry.Count]);
            }
            catch (DataFormatException e)
            {
                Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        Assert.InRange(refused, 1000, 2999);
    }

    [Fact]
    public void Wrong_use_is_refused()
    {
        using SafetensorsFile file = SafetensorsFile.Open(_folder.Write("model", Whole()));
        Assert.Contains(
            "'c'",
            Assert.Throws<KeyNotFoundException>(() => file.Read("c", [])).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "2×3",
            Assert.Throws<ArgumentException>(() => file.Read("a", new float[5])).Message,
            StringComparison.Ordinal
        );
        using Tensor one = new(Shape.Vector(1, 1));
        using Tensor bytes = new(Shape.Vector(1, 1), ElementType.Byte);
        string path = _folder.File("refused");
        Dictionary<string, string> none = [];
        Assert.Throws<ArgumentException>(() => Safetensors.Write(path, [new("a", [1], one), new("a", [1], one)], none));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(path, [new("__metadata__", [1], one)], none));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(path, [new("a", [2], one)], none));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(path, [new("a", [1], bytes)], none));
        Assert.False(File.Exists(path));
    }

    private static byte[] Whole() =>
        Build(
            """{"__metadata__":{"net":"{}"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F32","shape":[2],"data_offsets":[24,32]}}""",
            32
        );

    private static byte[] Build(string json, int dataLength)
    {
        byte[] header = Encoding.UTF8.GetBytes(json);
        byte[] bytes = new byte[8 + header.Length + dataLength];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)header.Length);
        header.CopyTo(bytes, 8);
        return bytes;
    }

    /// <summary>
    /// Changes one to three bytes (half of them digits and signs of the header), and now and then cuts the end.
    /// </summary>
    private static byte[] Damage(byte[] whole, ref RandomStream random)
    {
        byte[] bytes = [.. whole];
        const string Likely = "0123456789{}[]\",:-. e";
        for (int changes = 1 + random.NextInt(3); changes > 0; changes--)
        {
            int place = random.NextInt(bytes.Length);
            bytes[place] =
                random.NextInt(2) == 0 ? (byte)Likely[random.NextInt(Likely.Length)] : (byte)random.NextInt(256);
        }
        return random.NextInt(8) == 0 ? bytes[..random.NextInt(bytes.Length)] : bytes;
    }

    private DataFormatException Refuse(byte[] bytes)
    {
        string path = _folder.Write("refused", bytes);
        DataFormatException error = Assert.Throws<DataFormatException>(() => SafetensorsFile.Open(path));
        Assert.StartsWith($"{path}, byte {error.Offset}: ", error.Message, StringComparison.Ordinal);
        // A refused file is closed again.
        File.Delete(path);
        return error;
    }
}

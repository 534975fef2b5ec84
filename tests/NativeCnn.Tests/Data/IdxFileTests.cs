using NativeCnn.Data;
using NativeCnn.Randomness;
using NativeCnn.Storage;

namespace NativeCnn.Tests.Data;

public sealed class IdxFileTests : IDisposable
{
    private static readonly byte[] Whole = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 11, 12, 13, 14, 15];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, "plain")]
    [InlineData(true, "packed.gz")]
    [InlineData(true, "packed-without-the-extension")]
    [InlineData(false, "plain-with-the-wrong-extension.gz")]
    public void A_whole_file_is_read_compressed_or_not_whatever_its_name(bool compressed, string name)
    {
        IdxFile file = IdxFile.Read(_folder.Write(name, compressed ? TemporaryFolder.Compress(Whole) : Whole), 2);
        Assert.Equal([2, 3], file.Sizes);
        Assert.Equal([10, 11, 12, 13, 14, 15], file.Values);
        Assert.Equal(12, file.HeaderLength);
    }

    [Fact]
    public void A_compressed_file_larger_than_the_first_chunk_is_read_whole()
    {
        byte[] bytes = new byte[8 + 3_000_001];
        new byte[] { 0, 0, 8, 1, 0x00, 0x2D, 0xC6, 0xC1 }.CopyTo(bytes, 0);
        for (int i = 8; i < bytes.Length; i++)
            bytes[i] = (byte)(i * 31 >> 3);
        IdxFile file = IdxFile.Read(_folder.Write("large", TemporaryFolder.Compress(bytes)), 1);
        Assert.True(file.Values.AsSpan().SequenceEqual(bytes.AsSpan(8)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_cut_short_anywhere_is_refused_with_the_byte_where_it_ends(bool compressed)
    {
        for (int length = 0; length < Whole.Length; length++)
        {
            byte[] bytes = Whole[..length];
            DataFormatException error = Refuse(compressed ? TemporaryFolder.Compress(bytes) : bytes);
            Assert.Equal(length, error.Offset);
            Assert.Contains("ends here", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_that_goes_on_is_refused(bool compressed)
    {
        byte[] bytes = [.. Whole, 0];
        DataFormatException error = Refuse(compressed ? TemporaryFolder.Compress(bytes) : bytes);
        Assert.Equal(18, error.Offset);
        Assert.Contains("goes on", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1, 0, "start")]
    [InlineData(1, 0x50, 0, "start")]
    [InlineData(2, 0x09, 2, "signed byte")]
    [InlineData(2, 0x0D, 2, "32-bit floating point")]
    [InlineData(2, 0x42, 2, "unknown")]
    [InlineData(3, 3, 3, "rank is 3 where 2")]
    [InlineData(7, 0, 4, "size 0")]
    [InlineData(8, 0x80, 8, "size 2147483651")]
    [InlineData(7, 3, 18, "ends here")]
    [InlineData(4, 0x7F, 4, "more than")]
    [InlineData(8, 0x1F, 18, "ends here")]
    public void A_false_header_is_refused(int place, byte value, long offset, string words)
    {
        byte[] bytes = [.. Whole];
        bytes[place] = value;
        foreach (byte[] form in new[] { bytes, TemporaryFolder.Compress(bytes) })
        {
            DataFormatException error = Refuse(form);
            Assert.Equal(offset, error.Offset);
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Sizes_that_the_file_cannot_hold_claim_no_memory()
    {
        byte[] bytes = [0, 0, 8, 1, 0x7F, 0xFF, 0, 0, 1, 2, 3];
        foreach (byte[] form in new[] { bytes, TemporaryFolder.Compress(bytes) })
        {
            string path = _folder.Write("claims", form);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<DataFormatException>(() => IdxFile.Read(path, 1));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        }
    }

    [Fact]
    public void Damaged_gzip_data_yields_the_right_values_or_the_formats_own_exception()
    {
        byte[] packed = TemporaryFolder.Compress(Whole);
        RandomStream random = new(1);
        for (int round = 0; round < 500; round++)
        {
            byte[] bytes = [.. packed];
            bytes[2 + random.NextInt(bytes.Length - 2)] ^= (byte)(1 << random.NextInt(8));
            string path = _folder.Write("damaged", bytes);
            try
            {
                Assert.Equal(Whole[12..], IdxFile.Read(path, 2).Values);
            }
            catch (DataFormatException e)
            {
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
            }
        }
    }

    private DataFormatException Refuse(byte[] bytes)
    {
        string path = _folder.Write("refused", bytes);
        DataFormatException error = Assert.Throws<DataFormatException>(() => IdxFile.Read(path, 2));
        Assert.Equal(path, error.FilePath);
        Assert.StartsWith($"{path}, byte {error.Offset}: ", error.Message, StringComparison.Ordinal);
        return error;
    }
}

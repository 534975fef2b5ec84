using System.IO.Compression;
using NativeCnn.Data;
using NativeCnn.Randomness;
using NativeCnn.Storage;

namespace NativeCnn.Fuzz.Targets;

/// <summary>IDX files, as they are or compressed; the compressed ones are changed before or after compression.</summary>
internal sealed class IdxFiles(bool compressed) : FuzzTarget
{
    private static readonly ReadingLimits Limits = new() { IdxElements = 1 << 22 };

    private static readonly byte[][] Plain =
    [
        [0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3],
        [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, .. Enumerable.Range(0, 12).Select(i => (byte)i)],
        [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 128, 0, 0, 1, 0, .. new byte[1 << 15]],
    ];

    public override string Name => compressed ? "idx-gz" : "idx";

    public override IReadOnlyList<byte[]> Wholes => compressed ? [.. Plain[..2].Select(Compress)] : Plain;

    public override long MostBytes => 16L << 20;

    public override string Run(byte[] input, string file)
    {
        File.WriteAllBytes(file, input);
        return $"{Refusal(() => IdxFile.Read(file, 1, Limits))}, {Refusal(() => IdxFile.Read(file, 3, Limits))}";
    }

    public override byte[] Mutate(byte[] input, Mutator mutator, ref RandomStream random) =>
        compressed && random.NextInt(2) == 0 && TryUnpack(input) is { } inner
            ? Compress(mutator.Mutate(inner, ref random))
            : mutator.Mutate(input, ref random);

    private static byte[] Compress(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream stream = new(packed, CompressionLevel.Fastest))
            stream.Write(bytes);
        return packed.ToArray();
    }

    private static byte[]? TryUnpack(byte[] packed)
    {
        try
        {
            using GZipStream stream = new(new MemoryStream(packed), CompressionMode.Decompress);
            byte[] bytes = new byte[1 << 16];
            return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}

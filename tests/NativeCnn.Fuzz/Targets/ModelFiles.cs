using System.Buffers.Binary;
using NativeCnn.Formats;
using NativeCnn.Networks;
using NativeCnn.Randomness;
using NativeCnn.Storage;

namespace NativeCnn.Fuzz.Targets;

/// <summary>Whole model files: safetensors with an architecture.</summary>
internal sealed class ModelFiles : FuzzTarget
{
    private const int LengthSize = 8;

    private static readonly ReadingLimits Limits = new()
    {
        HeaderBytes = 1 << 16,
        Layers = 64,
        Inputs = 16,
    };

    public override string Name => "model";

    public override IReadOnlyList<byte[]> Wholes { get; } = [.. Examples.Networks.Select(Save)];

    public override IReadOnlyList<string> Words =>
        ["F32", "F64", "dtype", "shape", "data_offsets", "__metadata__", "nativecnn", "null", "{}", "[]", "\\ud800"];

    public override string Run(byte[] input, string file)
    {
        File.WriteAllBytes(file, input);
        string tensors = Refusal(() =>
        {
            using SafetensorsFile open = SafetensorsFile.Open(file, Limits);
            foreach (SafetensorsEntry entry in open.Entries)
                open.Read(entry.Name, new float[entry.Count]);
        });
        return tensors + Refusal(() => ModelFile.Load(file, Limits).Dispose());
    }

    /// <summary>Mostly the header alone, with its length put right.</summary>
    public override byte[] Mutate(byte[] input, Mutator mutator, ref RandomStream random)
    {
        ulong length = input.Length < LengthSize ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(input);
        if (random.NextInt(4) == 0 || length == 0 || length > (ulong)(input.Length - LengthSize))
            return mutator.Mutate(input, ref random);
        int end = LengthSize + (int)length;
        byte[] header = mutator.Mutate(input[LengthSize..end], ref random);
        byte[] mutant = [.. new byte[LengthSize], .. header, .. input.AsSpan(end)];
        BinaryPrimitives.WriteUInt64LittleEndian(mutant, (ulong)header.Length);
        return mutant;
    }

    private static byte[] Save(Func<Network> create)
    {
        string file = Path.GetTempFileName();
        try
        {
            using Network network = create();
            ModelFile.Save(file, network);
            return File.ReadAllBytes(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}

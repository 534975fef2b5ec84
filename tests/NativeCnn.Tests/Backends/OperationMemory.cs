using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>
/// A row's operands between guards in one arena. Guards, and what an operation overwrites, start as a byte pattern; by
/// default all bits set, which is a NaN in both floating-point types, so that reading what was never written shows.
/// </summary>
internal sealed class OperationMemory : IDisposable
{
    /// <summary>All bits set.</summary>
    public const byte NanPoison = 0xFF;

    /// <summary>Another pattern: large, but finite.</summary>
    public const byte FinitePoison = 0x5A;

    // Bytes before and after every tensor: four of the widest vectors.
    private const int GuardBytes = 4 * 64;

    private readonly Arena _arena;
    private readonly int[] _offsets;
    private readonly byte _poison;

    /// <summary>
    /// Lays a row's operands out for a backend that computes in a type; accumulated ones start from zero if asked, and
    /// the operand <paramref name="inPlace"/>, if any, is the same memory as the one that it may be.
    /// </summary>
    public OperationMemory(
        OperationCase row,
        ElementType type,
        byte poison = NanPoison,
        bool accumulateFromZero = false,
        int inPlace = -1
    )
    {
        Declared = row.Operation.Operands;
        Operands = new Tensor?[Declared.Count];
        _offsets = new int[Declared.Count];
        _poison = poison;
        int size = GuardBytes;
        for (int k = 0; k < Operands.Length; k++)
        {
            _offsets[k] = size;
            size +=
                GuardBytes + (int)NativeBuffer.Align((long)Declared[k].Shape.Count * Declared[k].TypeOn(type).Size());
        }
        if (inPlace >= 0)
            _offsets[inPlace] = _offsets[IndexOf(Declared[inPlace].MayBe!)];
        _arena = new Arena(size);
        Everything.Fill(poison);

        var random = new Random(1);
        for (int k = 0; k < Operands.Length; k++)
        {
            Operand declared = Declared[k];
            if (!declared.IsWanted)
                continue;
            Operands[k] = _arena.At(_offsets[k], declared.Shape, declared.TypeOn(type));
            if (declared.Role == OperandRole.Overwritten)
                continue;
            double[] values = row[declared.Name].Draw(random, declared.Shape.Count);
            if (declared.Role == OperandRole.Accumulated && accumulateFromZero)
                Array.Clear(values);
            TensorValues.Write(values, Operands[k]!);
        }
    }

    public IReadOnlyList<Operand> Declared { get; }

    /// <summary>As a kernel takes them.</summary>
    public Tensor?[] Operands { get; }

    /// <summary>The place of an operand.</summary>
    public int IndexOf(string name) => Declared.TakeWhile(operand => operand.Name != name).Count();

    /// <summary>A copy of all, guards included.</summary>
    public byte[] Bytes() => Everything.ToArray();

    /// <summary>Which byte outside the operands was written, their last 64 bytes' rest included; or null.</summary>
    public string? BrokenGuard()
    {
        byte[] copy = Bytes();
        for (int k = 0; k < Operands.Length; k++)
            copy.AsSpan(_offsets[k], (int)(Operands[k]?.ByteCount ?? 0)).Fill(_poison);
        int broken = copy.AsSpan().IndexOfAnyExcept(_poison);
        if (broken < 0)
            return null;
        int nearest = Math.Max(Array.FindLastIndex(_offsets, start => start <= broken), 0);
        return $"byte {broken - _offsets[nearest]} of {Declared[nearest].Name}, which is {Operands[nearest]}";
    }

    public void Dispose() => _arena.Dispose();

    private Span<byte> Everything =>
        _arena.At(0, Shape.Vector(1, (int)_arena.ByteCount), ElementType.Byte).AsSpan<byte>();
}

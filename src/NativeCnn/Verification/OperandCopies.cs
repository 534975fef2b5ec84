using System.Runtime.InteropServices;
using NativeCnn.Backends.Operations;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Verification;

/// <summary>An operation's operands with memory of their own for what is written, apart from what is read.</summary>
internal sealed class OperandCopies : IDisposable
{
    private readonly Operation _operation;
    private readonly List<Tensor> _owned = [];

    private OperandCopies(Operation operation)
    {
        _operation = operation;
        Tensors = new Tensor?[operation.Operands.Count];
    }

    /// <summary>As a kernel takes them.</summary>
    public Tensor?[] Tensors { get; }

    /// <summary>What is read stays the same tensor; what is overwritten starts as NaN, so that gaps show.</summary>
    public static OperandCopies OfWritten(Operation operation, ReadOnlySpan<Tensor?> operands)
    {
        var copies = new OperandCopies(operation);
        for (int k = 0; k < operands.Length; k++)
        {
            if (operands[k] is { } tensor)
                copies.Tensors[k] =
                    operation.Operands[k].Role == OperandRole.Read
                        ? tensor
                        : copies.Own(tensor, operation.Operands[k].Role);
        }
        return copies;
    }

    /// <summary>Everything is a copy, and each float that is read moved to a neighbour or stayed, at random.</summary>
    public static OperandCopies Rounded(Operation operation, ReadOnlySpan<Tensor?> operands, ulong seed)
    {
        var copies = new OperandCopies(operation);
        for (int k = 0; k < operands.Length; k++)
        {
            if (operands[k] is not { } tensor)
                continue;
            OperandRole role = operation.Operands[k].Role;
            Tensor copy = copies.Own(tensor, role);
            if (role != OperandRole.Overwritten && copy.Type == ElementType.Float32)
                Round(copy, new RandomStream(seed, (ulong)k));
            copies.Tensors[k] = copy;
        }
        return copies;
    }

    /// <summary>Frees what is only read.</summary>
    public void KeepWritten()
    {
        for (int k = 0; k < Tensors.Length; k++)
        {
            if (_operation.Operands[k].Role == OperandRole.Read)
                Tensors[k]?.Dispose();
        }
    }

    public void Dispose() => _owned.ForEach(tensor => tensor.Dispose());

    private Tensor Own(Tensor tensor, OperandRole role)
    {
        var copy = new Tensor(tensor.Shape, tensor.Type);
        _owned.Add(copy);
        if (role != OperandRole.Overwritten)
            tensor.CopyTo(copy);
        else
            Poison(copy);
        return copy;
    }

    private static unsafe void Poison(Tensor tensor)
    {
        using TensorHold hold = tensor.Hold();
        NativeMemory.Fill(tensor.Pointer, (nuint)tensor.ByteCount, 0xFF);
    }

    // The bits of a float are those of its neighbour but for 1; 0 and what is not finite stay.
    private static void Round(Tensor tensor, RandomStream random)
    {
        using TensorHold hold = tensor.Hold();
        ulong draws = 0;
        Span<float> values = tensor.Span;
        for (int i = 0; i < values.Length; i++)
        {
            if (i % 32 == 0)
                draws = random.NextUInt64();
            int move = (int)(draws & 3);
            draws >>= 2;
            if (move < 2 && values[i] != 0 && float.IsFinite(values[i]))
                values[i] = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(values[i]) + (move * 2) - 1);
        }
    }
}

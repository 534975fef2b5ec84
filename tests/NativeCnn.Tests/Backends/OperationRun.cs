using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>
/// One run of an operation on tensors that lie between guards in one arena. Outputs and guards start as a byte pattern; by
/// default all bits set, which is a NaN in both floating-point types, so that reading what was never written shows.
/// </summary>
public sealed class OperationRun
{
    /// <summary>All bits set.</summary>
    public const byte NanPoison = 0xFF;

    /// <summary>Another pattern: large, but finite.</summary>
    public const byte FinitePoison = 0x5A;

    /// <summary>Bytes before and after every tensor: four of the widest vectors.</summary>
    private const int GuardBytes = 4 * 64;

    private readonly IReadOnlyList<Operand> _operands;
    private readonly Content[] _before;
    private readonly Content[] _after;
    private readonly double? _loss;
    private readonly string? _brokenGuard;

    private OperationRun(OperationCase row, Content[] before, Content[] after, double? loss, string? brokenGuard)
    {
        _operands = row.Operands;
        _before = before;
        _after = after;
        _loss = loss;
        _brokenGuard = brokenGuard;
    }

    /// <summary>Runs a case on the values that its seed draws; accumulated tensors start from zero if asked.</summary>
    public static OperationRun Of(
        OperationCase row,
        IBackend backend,
        byte poison = NanPoison,
        bool accumulateFromZero = false
    )
    {
        ElementType TypeOf(Operand operand) => operand.Type ?? backend.ElementType;
        int RoomOf(Operand operand) => (int)NativeBuffer.Align((long)operand.Shape.Count * TypeOf(operand).Size());

        int size = GuardBytes + row.Operands.Sum(operand => RoomOf(operand) + GuardBytes);
        using Arena arena = new(size);
        Span<byte> memory = arena.At(0, Shape.Vector(1, size), ElementType.Byte).AsSpan<byte>();
        memory.Fill(poison);

        var random = new Random(1);
        var tensors = new Tensor[row.Operands.Count];
        var offsets = new int[row.Operands.Count];
        int offset = GuardBytes;
        for (int k = 0; k < tensors.Length; k++)
        {
            Operand operand = row.Operands[k];
            offsets[k] = offset;
            tensors[k] = arena.At(offset, operand.Shape, TypeOf(operand));
            var values = new double[operand.Shape.Count];
            operand.Values(random, values);
            if (operand.Role == Role.Accumulated && accumulateFromZero)
                tensors[k].Clear();
            else if (operand.Role != Role.Overwritten)
                TensorValues.Write(values, tensors[k]);
            offset += RoomOf(operand) + GuardBytes;
        }
        Content[] before = [.. tensors.Select(Content.Of)];
        double? loss = row.Body(backend, tensors);
        Content[] after = [.. tensors.Select(Content.Of)];

        // What is no tensor is guard, the rest of a tensor's last 64 bytes included.
        for (int k = 0; k < tensors.Length; k++)
            memory.Slice(offsets[k], after[k].Bytes.Length).Fill(poison);
        int broken = memory.IndexOfAnyExcept(poison);
        string? brokenGuard = null;
        if (broken >= 0)
        {
            int k = Math.Max(Array.FindLastIndex(offsets, start => start <= broken), 0);
            brokenGuard = $"byte {broken - offsets[k]} of {row.Operands[k].Name}, which has {after[k].Bytes.Length}";
        }
        return new OperationRun(row, before, after, loss, brokenGuard);
    }

    /// <summary>Fails if the outputs or the loss differ from the expected run's by more than a tolerance.</summary>
    public void AssertClose(OperationRun expected, Tolerance tolerance)
    {
        foreach (int k in Written)
        {
            // Places of maxima are whole numbers: there is no nearly right.
            Tolerance allowed = _operands[k].Type is null ? tolerance : Tolerance.Exact;
            Comparison.Close(expected._after[k].Values, _after[k].Values, allowed, _operands[k].Name);
        }
        Assert.Equal(expected._loss.HasValue, _loss.HasValue);
        if (_loss.HasValue)
            Comparison.Close(expected._loss!.Value, _loss.Value, tolerance, "loss");
    }

    /// <summary>Fails if the outputs or the loss differ from the expected run's in any bit.</summary>
    public void AssertSameBits(OperationRun expected)
    {
        foreach (int k in Written)
            AssertSameBytes(k, expected._after[k], _after[k]);
        Comparison.SameBits<double>([expected._loss ?? 0], [_loss ?? 0], "loss");
    }

    /// <summary>Fails if an input changed.</summary>
    public void AssertInputsUntouched()
    {
        for (int k = 0; k < _operands.Count; k++)
        {
            if (_operands[k].Role == Role.Input)
                AssertSameBytes(k, _before[k], _after[k]);
        }
    }

    /// <summary>Fails if anything was written outside the tensors.</summary>
    public void AssertGuardsIntact() =>
        Assert.True(_brokenGuard is null, $"Written outside a tensor, at {_brokenGuard}.");

    /// <summary>Fails unless every accumulated tensor holds what it started from plus what the other run added to zero.</summary>
    public void AssertAccumulated(OperationRun fromZero, Tolerance tolerance)
    {
        foreach (int k in Written)
        {
            if (_operands[k].Role != Role.Accumulated)
                continue;
            double[] expected = [.. _before[k].Values.Zip(fromZero._after[k].Values, (start, sum) => start + sum)];
            Comparison.Close(expected, _after[k].Values, tolerance, _operands[k].Name);
        }
    }

    private IEnumerable<int> Written =>
        Enumerable.Range(0, _operands.Count).Where(k => _operands[k].Role != Role.Input);

    private void AssertSameBytes(int k, Content expected, Content actual) =>
        Comparison.SameBits<byte>(expected.Bytes, actual.Bytes, $"{_operands[k].Name}, as bytes");

    /// <summary>A copy of a tensor's elements.</summary>
    private sealed record Content(byte[] Bytes, double[] Values)
    {
        public static Content Of(Tensor tensor) => new(TensorValues.Bytes(tensor), TensorValues.Read(tensor));
    }
}

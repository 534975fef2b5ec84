using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>What one run of a row left behind.</summary>
internal sealed class OperationRun
{
    private readonly string _what;
    private readonly IReadOnlyList<Operand> _declared;
    private readonly Content?[] _before;
    private readonly Content?[] _after;
    private readonly string? _brokenGuard;
    private readonly Kernel _kernel;

    private OperationRun(OperationCase row, Backend backend, OperationMemory memory)
    {
        _kernel = backend.Prepare(row.Operation);
        _what = $"{row.Name}, {_kernel.Algorithm} on {backend.Threads} threads: ";
        _declared = memory.Declared;
        _before = Array.ConvertAll(memory.Operands, Content.Of);
        _kernel.Run(memory.Operands, row.Scalars);
        _after = Array.ConvertAll(memory.Operands, Content.Of);
        _brokenGuard = memory.BrokenGuard();
    }

    /// <summary>Runs a row in memory as <see cref="OperationMemory"/> lays it out.</summary>
    public static OperationRun Of(
        OperationCase row,
        Backend backend,
        byte poison = OperationMemory.NanPoison,
        bool accumulateFromZero = false,
        int inPlace = -1
    )
    {
        using OperationMemory memory = new(row, backend.ElementType, poison, accumulateFromZero, inPlace);
        return new OperationRun(row, backend, memory);
    }

    /// <summary>Fails if a result differs from the expected run's by more than its kernel's tolerance.</summary>
    public void AssertClose(OperationRun expected, Tolerance? tolerance = null)
    {
        foreach (int k in Written)
        {
            // Places of maxima are whole numbers: there is no nearly right.
            bool isWhole = _after[k]!.Type is not (ElementType.Float32 or ElementType.Float64);
            Tolerance allowed = isWhole ? Tolerance.Exact : tolerance ?? Tolerance.Of(_kernel, _declared[k]);
            string what = _what + _declared[k].Name;
            Comparison.Close(expected._after[k]!.Values, _after[k]!.Values, allowed, what);
        }
    }

    /// <summary>Fails if a result differs from the expected run's in any bit.</summary>
    public void AssertSameBits(OperationRun expected) =>
        Assert.All(Written, k => AssertSame(k, expected._after, _after));

    /// <summary>Fails if an operand that is read changed.</summary>
    public void AssertInputsUntouched() => Assert.All(WithRole(OperandRole.Read), k => AssertSame(k, _before, _after));

    /// <summary>Fails if anything was written outside the operands.</summary>
    public void AssertGuardsIntact() =>
        Assert.True(_brokenGuard is null, $"Written outside an operand, at {_brokenGuard}.");

    /// <summary>Fails unless what is accumulated is what it started from plus what the other run added.</summary>
    public void AssertAccumulated(OperationRun fromZero, Tolerance? tolerance = null)
    {
        foreach (int k in WithRole(OperandRole.Accumulated))
        {
            // Both runs round the sum, and adding the start rounds once more.
            int length = Math.Max(_declared[k].SumLength ?? _kernel.Operation.SumLength, 1);
            Tolerance allowed = tolerance ?? Tolerance.OfSum(length, _kernel.RoundingsPerProduct);
            double[] expected = [.. _before[k]!.Values.Zip(fromZero._after[k]!.Values, (start, sum) => start + sum)];
            Comparison.Close(expected, _after[k]!.Values, allowed, _what + _declared[k].Name);
        }
    }

    private IEnumerable<int> Written => WithRole(OperandRole.Overwritten, OperandRole.Accumulated, OperandRole.Updated);

    private IEnumerable<int> WithRole(params OperandRole[] roles) =>
        Enumerable.Range(0, _declared.Count).Where(k => _declared[k].IsWanted && roles.Contains(_declared[k].Role));

    private void AssertSame(int k, Content?[] expected, Content?[] actual) =>
        Comparison.SameBits<byte>(expected[k]!.Bytes, actual[k]!.Bytes, $"{_what}{_declared[k].Name}, as bytes");

    /// <summary>A copy of an operand's elements.</summary>
    private sealed record Content(ElementType Type, byte[] Bytes, double[] Values)
    {
        public static Content? Of(Tensor? tensor) =>
            tensor is null ? null : new(tensor.Type, TensorValues.Bytes(tensor), TensorValues.Read(tensor));
    }
}

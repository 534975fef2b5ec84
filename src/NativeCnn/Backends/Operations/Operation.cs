using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// What a backend computes, declared once: options, operands with their roles and shapes, formula, multiply-adds. A
/// backend answers with a <see cref="Kernel"/> (<see cref="Backend.Prepare"/>); argument checks, the profile's figures,
/// the memory plan and the tests come from this declaration.
/// </summary>
/// <remarks>
/// Declarations are immutable and validate their options when they are made. Scalars are numbers that may differ from
/// run to run, such as a learning rate; everything else is an option.
/// </remarks>
public abstract class Operation
{
    private readonly OperandOverlap[] _overlaps;

    /// <summary>Declares an operation.</summary>
    /// <param name="pass">What it is to a training step.</param>
    /// <param name="sumLength">How many rounded terms an element of a result sums at most, or 0.</param>
    /// <param name="operands">The tensors, in the order in which a kernel takes them.</param>
    /// <param name="scalars">The names of the numbers that may differ from run to run; none by default.</param>
    /// <param name="multiplyAdds">Multiply-adds of one run by the definition.</param>
    protected Operation(
        string pass,
        long sumLength,
        IReadOnlyList<Operand> operands,
        IReadOnlyList<string>? scalars = null,
        long multiplyAdds = 0
    )
    {
        ArgumentNullException.ThrowIfNull(operands);
        Pass = pass;
        SumLength = (int)Math.Min(sumLength, int.MaxValue);
        MultiplyAdds = multiplyAdds;
        Operands = operands;
        Scalars = scalars ?? [];
        _overlaps = [.. Overlaps(operands)];
    }

    /// <summary>The name, such as <c>MaxPoolingForward</c>.</summary>
    public string Name => GetType().Name;

    /// <summary>
    /// What it is to a training step: <c>forward</c>, <c>backward-data</c>, <c>loss</c> …, as the profile names it.
    /// </summary>
    public string Pass { get; }

    /// <summary>The tensors, in their order.</summary>
    public IReadOnlyList<Operand> Operands { get; }

    /// <summary>The names of the numbers that may differ from run to run, in their order.</summary>
    public IReadOnlyList<string> Scalars { get; }

    /// <summary>Multiply-adds of one run by the definition; 0 where the operation is no product.</summary>
    public long MultiplyAdds { get; }

    /// <summary>
    /// How many rounded terms an element of a result sums at most, which its rounding error grows with; 0 where every
    /// backend must give the same bits. A single operand may have a <see cref="Operand.SumLength"/> of its own.
    /// </summary>
    public int SumLength { get; }

    /// <summary>
    /// The bytes of all operands, what is updated or added to counted twice, as it is read and written.
    /// </summary>
    /// <param name="type">The type that the backend computes in.</param>
    public long Bytes(ElementType type) =>
        Operands
            .Where(operand => operand.IsWanted)
            .Sum(operand =>
                (operand.Role is OperandRole.Accumulated or OperandRole.Updated ? 2L : 1L)
                * operand.Shape.Count
                * operand.TypeOn(type).Size()
            );

    /// <summary>
    /// Refuses operands and numbers of scalars that a kernel must not see, but for the values in them. Allocates nothing
    /// unless a check fails.
    /// </summary>
    /// <param name="operands">As declared, null for those that are not wanted.</param>
    /// <param name="scalars">As declared.</param>
    /// <param name="type">The type that the backend computes in.</param>
    /// <exception cref="ArgumentException">
    /// An operand or scalar does not fit; the message names the operation and the operand.
    /// </exception>
    /// <exception cref="ObjectDisposedException">An operand's memory was freed.</exception>
    internal void CheckOperands(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars, ElementType type)
    {
        if (operands.Length != Operands.Count)
            throw new ArgumentException($"{Name} takes {Operands.Count} operands; got {operands.Length}.");
        if (scalars.Length != Scalars.Count)
            throw new ArgumentException(
                $"{Name} takes {Scalars.Count} scalars ({string.Join(", ", Scalars)}); got {scalars.Length}."
            );
        for (int i = 0; i < operands.Length; i++)
            CheckOperand(Operands[i], operands[i], type);
        foreach (OperandOverlap pair in _overlaps)
        {
            if (operands[pair.Written] is { } written && operands[pair.Other] is { } other)
                CheckApart(pair, written, other);
        }
    }

    /// <summary>Refuses values that a kernel must not see, in operands whose memory is held.</summary>
    /// <exception cref="ArgumentException">A value is impossible; the message names the operation.</exception>
    internal void CheckContent(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars) =>
        CheckValues(operands, scalars);

    /// <summary>
    /// Refuses values that the kernels must not see, such as a class that does not exist; nothing by default.
    /// </summary>
    /// <remarks>Called after the operands' shapes and types were found to be right, at every run.</remarks>
    protected virtual void CheckValues(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars) { }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name} ({string.Join(", ", Operands.Where(o => o.IsWanted).Select(o => $"{o.Name} {o.Shape}"))})";

    private void CheckOperand(Operand declared, Tensor? operand, ElementType type)
    {
        if (operand is null)
        {
            if (declared.IsWanted)
                throw new ArgumentNullException(declared.Name, $"{Name}: {declared.Name} is missing.");
            return;
        }
        if (!declared.IsWanted)
            throw new ArgumentException($"{Name}: {declared.Name} is not wanted; give null.", declared.Name);
        if (operand.IsDisposed)
            throw new ObjectDisposedException(declared.Name, $"{Name}: the memory of {declared.Name} was freed.");
        ElementType expected = declared.Type ?? type;
        if (operand.Type != expected || operand.Shape != declared.Shape)
            throw new ShapeException($"{Name}: {declared.Name} is {operand}; expected {expected} {declared.Shape}.");
    }

    private unsafe void CheckApart(OperandOverlap pair, Tensor written, Tensor other)
    {
        byte* first = (byte*)written.Pointer;
        byte* second = (byte*)other.Pointer;
        if (pair.MayBeSame && first == second)
            return;
        if (first < second + other.ByteCount && second < first + written.ByteCount)
        {
            string name = Operands[pair.Written].Name;
            string partly = pair.MayBeSame ? "partly " : "";
            throw new ArgumentException(
                $"{Name}: {name} {partly}shares memory with {Operands[pair.Other].Name}.",
                name
            );
        }
    }

    private static IEnumerable<OperandOverlap> Overlaps(IReadOnlyList<Operand> operands)
    {
        for (int i = 0; i < operands.Count; i++)
        for (int j = 0; j < operands.Count; j++)
        {
            bool bothWritten = operands[j].Role != OperandRole.Read;
            // Two that are written are one pair, not two.
            if (i == j || operands[i].Role == OperandRole.Read || (bothWritten && j < i))
                continue;
            yield return new OperandOverlap(i, j, !bothWritten && operands[i].MayBe == operands[j].Name);
        }
    }

    private readonly record struct OperandOverlap(int Written, int Other, bool MayBeSame);
}

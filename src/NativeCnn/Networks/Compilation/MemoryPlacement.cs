using NativeCnn.Layers;

namespace NativeCnn.Networks.Compilation;

/// <summary>
/// The last pass: gives every symbol of the arena a place by its lifetime, and lets operations work in place where
/// their declaration allows it and nobody needs the operand any more.
/// </summary>
/// <remarks>Moments: the calls of the forward pass, then the loss, then the calls of the backward pass.</remarks>
internal sealed class MemoryPlacement
{
    private readonly Dictionary<Symbol, PlannedBuffer> _buffers = [];

    private MemoryPlacement(NetworkProgram program)
    {
        OperationCall[] forward = [.. program.Forward];
        OperationCall?[] moments = [.. forward, null, .. program.Backward];
        for (int moment = 0; moment < moments.Length; moment++)
        {
            foreach (Symbol? operand in moments[moment]?.Operands ?? [])
                Use(operand, moment);
        }
        foreach (Symbol symbol in (IEnumerable<Symbol>)[.. program.Outputs, .. program.OutputGradients])
            Use(symbol, forward.Length);
        for (int moment = 0; moment < moments.Length; moment++)
        {
            if (moments[moment] is { } call)
                RunInPlace(call, moment);
        }
        ByteCount = MemoryPlan.Place([.. Buffers]);
    }

    /// <summary>The arena's size.</summary>
    public long ByteCount { get; }

    /// <summary>The buffers, for whoever draws them.</summary>
    public IEnumerable<PlannedBuffer> Buffers => _buffers.Values.Where(buffer => buffer.Root == buffer);

    public static MemoryPlacement Run(NetworkProgram program) => new(program);

    /// <summary>Where a symbol lies in the arena.</summary>
    public long OffsetOf(Symbol symbol) => _buffers[symbol.Root].Root.Offset;

    private void Use(Symbol? symbol, int moment)
    {
        if (symbol?.Root is not { Home: SymbolHome.Arena } root)
            return;
        if (!_buffers.TryGetValue(root, out PlannedBuffer? buffer))
            _buffers[root] = buffer = new PlannedBuffer(root.Name, root.ByteCount, moment);
        buffer.UseAt(moment);
    }

    private void RunInPlace(OperationCall call, int moment)
    {
        for (int i = 0; i < call.Operands.Count; i++)
        {
            if (call.Operation.Operands[i].MayBe is not { } name)
                continue;
            int place = call.Operation.Operands.Select(operand => operand.Name).ToList().IndexOf(name);
            PlannedBuffer? written = BufferOf(call.Operands[i]);
            PlannedBuffer? read = BufferOf(call.Operands[place]);
            if (written is null || read is null || written == read)
                continue;
            bool isOnlyOperand = call.Operands.Count(operand => BufferOf(operand) == read) == 1;
            if (isOnlyOperand && written.First == moment && read.Last == moment && written.Bytes <= read.Bytes)
                written.MoveInto(read);
        }
    }

    private PlannedBuffer? BufferOf(Symbol? symbol) =>
        symbol is null ? null : _buffers.GetValueOrDefault(symbol.Root)?.Root;
}
